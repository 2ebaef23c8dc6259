"""Weights of several networks in one small file: half precision, read without running code that is in it."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn


def save(path: Path, nets: Mapping[str, nn.Module]) -> None:
    """Write the weights as float16: half the bytes, three decimal digits, which pictures do not show."""
    states = {name: {key: value.half() for key, value in net.state_dict().items()} for name, net in nets.items()}
    torch.save(states, path)


def load(path: Path, nets: Mapping[str, nn.Module]) -> None:
    """Fill the networks with the weights in the file and set them to evaluation mode.

    Raises FileNotFoundError where it is missing, with the command that makes it, and ValueError where it is damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no weights {path.name}: make them with python -m introdl.generators.{path.stem}")
    try:
        states = torch.load(path, weights_only=True)
        for name, net in nets.items():
            net.load_state_dict(states[name])
            net.eval()
    except Exception as error:  # a damaged file can raise nearly anything
        raise ValueError(
            f"{path.name} does not fit these networks: make it again with python -m introdl.generators.{path.stem}"
        ) from error
