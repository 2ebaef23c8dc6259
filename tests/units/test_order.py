"""Nothing of `introdl` is used before the unit that teaches it; tools that are no subject of the course are free."""

import ast
import inspect

import nbformat
import pytest

from autograder.build import ROOT, units
from introdl import (
    architecture,
    augment,
    classic,
    cost,
    forecast,
    gan,
    generators,
    gradcheck,
    init,
    language,
    metrics,
    nn,
    optim,
    practice,
    pretrained,
    speech,
    train,
    translate,
)
from introdl.generators import cycle, dcgan, digits, frechet, pix2pix, style

FREE = {"data", "plot", "checks", "progress"}
JUDGES = "same_as_torch same_steps_as_torch"
TAUGHT = {  # module → unit → what the unit teaches
    nn: {
        2: "Dense Layer ReLU Sequential Softmax softmax one_hot cross_entropy binary_cross_entropy mean_squared_error",
        3: "cross_entropy_backward binary_cross_entropy_backward mean_squared_error_backward",
        4: "ELU GELU GELUTanh LeakyReLU PReLU SELU SiLU Sigmoid Softplus Softsign Tanh sigmoid",
        6: "huber huber_backward mean_absolute_error mean_absolute_error_backward",
        7: "BatchNorm Dropout l1_penalty l1_penalty_backward l2_penalty l2_penalty_backward soft_threshold",
        9: "AvgPool2d Conv2d Flatten GlobalAvgPool2d MaxPool2d col2im conv2d conv2d_backward conv2d_naive "
        "conv2d_naive_backward im2col output_size pad same_padding",
        10: "BatchNorm2d",
        13: "RNN rnn_cell rnn_cell_backward",
        14: "Bidirectional Embedding GRU LSTM Stacked gru_cell gru_cell_backward lstm_cell lstm_cell_backward "
        "reverse_padded step_mask",
        16: "ctc_collapse ctc_loss ctc_loss_backward",
        17: "additive_attention additive_attention_backward masked_softmax masked_softmax_backward "
        "scaled_dot_product_attention scaled_dot_product_attention_backward",
        18: "LayerNorm MultiHeadAttention TransformerBlock causal_mask merge_heads positional_encoding split_heads",
    },
    train: {3: "fit_numpy minibatches track", 6: "find_lr_numpy", 7: "EarlyStopping", 8: "fit evaluate find_lr"},
    optim: {
        3: "SGD Optimizer",
        5: "clip_by_norm clip_by_value global_norm",
        6: "Adagrad Adam AdamW RMSprop cosine one_cycle one_cycle_momentum step_decay warmup_cosine",
    },
    init: {
        5: "gain_of fan_in_out normal uniform constant xavier_normal xavier_uniform kaiming_normal kaiming_uniform "
        "lecun_normal lecun_uniform",
    },
    architecture: {
        9: "count_parameters receptive_field",
        10: "Row summarize",
        11: "Conv Dense GlobalPool Pool count_macs",
    },
    augment: {
        10: "affine random_affine shift",
        12: "flip random_erasing random_flip random_rotation random_shift random_zoom rotate zoom",
    },
    forecast: {16: "mase seasonal_naive windows"},
    speech: {16: "dial frames listen log_mel mel mel_filters power_spectrum"},
    language: {15: "NGrams Vocabulary bits_per_symbol copied_lengths generate perplexity sharpened"},
    gan: {
        19: "Diverged STD dense_discriminator dense_generator discriminator_loss generator_loss gradient_penalty "
        "matching_loss mlp modes_covered play ring ring_centers saturating_loss"
    },
    classic: {21: "KMeans LogisticRegression NaiveBayes NearestNeighbors Network squared_distances"},
    cost: {21: "Slope fit_slope kmeans_operations knn_operations network_operations peak_bytes seconds_of"},
    generators: {20: "checkpoint cycle dcgan digits frechet pix2pix style"},
    cycle: {20: "cycle_loss identity_loss judge load main styles train translator"},
    dcgan: {20: "discriminator generator sample train transposed_size"},
    digits: {20: "ink poster slant small"},
    frechet: {20: "classifier features frechet_distance nearest precision_recall predict train_classifier"},
    pix2pix: {20: "UNet fresh_critic outline patch_discriminator train"},
    style: {20: "adain load main mix train"},
    translate: {17: "beam_search bleu"},
    practice: {
        22: "DriftMonitor InputCheck average_precision cheapest_threshold cost_of dequantize group_rates ks_distance "
        "model_card permutation_importance precision_recall prune quantize stability_index stored_bytes",
    },
    pretrained: {12: "efficientnet_lite0"},
    metrics: {0: "headline", 1: "accuracy wilson_interval"},
    gradcheck: {0: JUDGES, 3: "numerical_gradient relative_error"},
}
UNIT_OF = {
    f"{module.__name__}.{name}": number
    for module, by_unit in TAUGHT.items()
    for number, names in by_unit.items()
    for name in names.split()
}


def used_names(source: str) -> set[str]:
    """Return the names of `introdl` that a notebook's code uses, in full: introdl.nn.Dense."""
    aliases, found = {}, set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "introdl":
            full = {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            aliases |= full
            found |= {name for name in full.values() if name.count(".") > 1}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{aliases.get(node.value.id, node.value.id)}.{node.attr}")
    return {name for name in found if name.startswith("introdl.") and name.split(".")[1] not in FREE}


def code_of(notebook) -> str:
    lines = [line for cell in notebook.cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


@pytest.mark.parametrize("module", TAUGHT, ids=lambda module: module.__name__)
def test_the_table_names_all_that_a_module_offers(module):
    offered = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    assert sorted(offered) == sorted(name for names in TAUGHT[module].values() for name in names.split())


@pytest.mark.parametrize("slug", units())
def test_a_unit_uses_only_what_it_or_an_earlier_one_teaches(slug):
    number = int(slug[:2])
    for folder, name in (("course", "lesson"), ("solutions", "exercises")):
        used = used_names(code_of(nbformat.read(ROOT / folder / slug / f"{name}.ipynb", as_version=4)))
        unknown = used - UNIT_OF.keys()
        assert not unknown, f"{slug}/{name}: {unknown} is in no unit's list"
        early = {used_name: UNIT_OF[used_name] for used_name in used if UNIT_OF[used_name] > number}
        assert not early, f"{slug}/{name} uses what a later unit teaches: {early}"


def test_uses_are_found_under_every_name():
    source = "import introdl.nn as n\nfrom introdl import data, optim as o\nfrom introdl.train import fit\n"
    assert used_names(source + "n.Dense, o.Adam, fit(), data.iris()") == {
        "introdl.nn.Dense",
        "introdl.optim.Adam",
        "introdl.train.fit",
    }
