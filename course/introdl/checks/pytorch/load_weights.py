"""Task of unit 08: read a file of weights, and nothing else."""

import io
from fractions import Fraction

import numpy as np
import torch

from introdl.checks.task import Task


def files(rng):
    yield (_file({"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([0.5])}),)
    yield (_file({"x": torch.tensor([1.0]), "surprise": Fraction(1, 2)}),)  # pickled code would be called to make it
    for n_in, n_out in [(3, 2), (4, 4)]:
        state = {
            "0.weight": torch.tensor(rng.normal(size=(n_out, n_in)).astype(np.float32)),
            "0.bias": torch.tensor(rng.normal(size=n_out)),  # float64 stays float64
            "1.num_batches_tracked": torch.tensor(int(rng.integers(100))),
        }
        yield (_file(state),)
    yield (_file({}),)
    yield (_file(torch.tensor(rng.normal(size=3))),)  # no dictionary
    yield (_file({"weight": torch.tensor([1.0]), "epoch": 7}),)  # harmless, and yet no tensor
    yield (b"no such file",)


def _file(content) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def opened(answer, content):
    """Call the answer; a ValueError is a refusal."""
    try:
        found = answer(content)
    except ValueError:
        return "refused"
    if not isinstance(found, dict):
        return f"a {type(found).__name__}"
    return {name: _described(value) for name, value in found.items()}


def _described(value):
    if isinstance(value, torch.Tensor):
        return [str(value.dtype), value.detach().numpy()]
    return "no tensor"


def by_looking_inside(content):
    """Know what was put in: the dictionary is read again by the judge, who trusts its own files."""
    try:
        found = torch.load(io.BytesIO(content), weights_only=False)
    except Exception:  # noqa: BLE001 (whatever it says of such bytes)
        return "refused"
    good = isinstance(found, dict) and all(isinstance(value, torch.Tensor) for value in found.values())
    return {name: _described(value) for name, value in found.items()} if good else "refused"


load_weights = Task(
    "load_weights",
    ("content",),
    files,
    by_looking_inside,
    run=opened,
    hints=(
        "torch.load can be told to read nothing but weights. It complains in its own way when there is more, or when "
        "the bytes are no such file.",
        "torch.load(io.BytesIO(content), weights_only=True) inside try; on any exception raise ValueError. It still "
        "lets plain numbers and lists through, so look at what you got: a dict, all of whose values are tensors.",
        "if not isinstance(state, dict) or not all(isinstance(value, ...) for value in ...): raise ValueError(...)",
    ),
)


def _read(content, safe=True):
    try:
        return torch.load(io.BytesIO(content), weights_only=safe)
    except Exception as error:
        raise ValueError("no file of weights") from error


def _only_tensors(found):
    return isinstance(found, dict) and all(isinstance(value, torch.Tensor) for value in found.values())


@load_weights.mistake(
    "You read the file with weights_only=False: a stranger's file can run any code before you look at what it "
    "returned. Use weights_only=True."
)
def everything_goes(content):
    found = _read(content, safe=False)
    if not isinstance(found, dict):
        raise ValueError("no dictionary")
    return found


@load_weights.mistake(
    "A file with more than tensors in it comes through (a number, here). weights_only=True lets plain data pass: look "
    "at every value, and raise ValueError if one is no tensor."
)
def plain_data_passes(content):
    found = _read(content)
    if not isinstance(found, dict):
        raise ValueError("no dictionary")
    return found


@load_weights.mistake("A file that holds a single tensor comes through. Only a dictionary is a file of weights.")
def single_tensor_passes(content):
    found = _read(content)
    if isinstance(found, dict) and not _only_tensors(found):
        raise ValueError("more than tensors")
    return found


@load_weights.mistake("You leave out what is no tensor and return the rest. Refuse the whole file: raise ValueError.")
def the_rest_left_out(content):
    found = _read(content)
    if not isinstance(found, dict):
        raise ValueError("no dictionary")
    return {name: value for name, value in found.items() if isinstance(value, torch.Tensor)}


@load_weights.mistake("You made float32 of all tensors. Return them as they were saved: counters are whole numbers.")
def all_float32(content):
    found = _read(content)
    if not _only_tensors(found):
        raise ValueError("more than tensors")
    return {name: value.float() for name, value in found.items()}


@load_weights.mistake("You return an empty dictionary where a file is refused. Then nobody notices: raise ValueError.")
def nothing_instead(content):
    try:
        found = _read(content)
    except ValueError:
        return {}
    return found if _only_tensors(found) else {}


@load_weights.mistake("An empty dictionary is a file of weights, too, of a network without any: return it.")
def empty_refused(content):
    found = _read(content)
    if not found if isinstance(found, dict) else True:
        raise ValueError("nothing in it")
    if not _only_tensors(found):
        raise ValueError("more than tensors")
    return found
