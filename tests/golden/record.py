"""How golden values are written: short text that reads back to what was computed with."""

import json
from pathlib import Path

import torch

# Ten digits: a thousandth of float32's own rounding, which is all that the values are held against.
DIGITS = 10


def numbers(tensor):
    """A tensor's numbers, row after row."""
    return [float(f"{value:.{DIGITS}g}") for value in tensor.detach().double().flatten().tolist()]


def as_numbers(value):
    """What a tensor, or a record of tensors, is written as; a scalar as one number."""
    if isinstance(value, dict):
        return {name: as_numbers(tensor) for name, tensor in value.items()}
    return numbers(value) if value.dim() else numbers(value)[0]


def inputs(tensor):
    """Four decimals, the nearest float32 of which is what both sides start from."""
    return [float(f"{value:.4f}") for value in tensor.flatten().tolist()]


def worst(actual, expected):
    """The largest difference between two tensors, or two records of tensors."""
    if isinstance(expected, dict):
        return max(worst(actual[name], expected[name]) for name in expected)
    return (actual.double() - expected.double()).abs().max().item()


def write(name, cases):
    """Writes one case a line, so that a change shows where it is."""
    version = torch.__version__.split("+")[0]
    lines = [f"{json.dumps(key)}: {json.dumps(case)}" for key, case in cases.items()]
    text = f'{{\n"torch": {json.dumps(version)},\n' + ",\n".join(lines) + "\n}\n"
    (Path(__file__).parent / name).write_text(text)
