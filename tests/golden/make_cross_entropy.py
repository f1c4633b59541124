"""Writes cross_entropy.json: losses of logits at the edge of float32, as PyTorch's cross_entropy.

In float32, since what overflows there is the matter. A number that JSON has no form for is written
as text: "NaN", "Infinity", "-Infinity". Run with torch 2.13: python tests/golden/make_cross_entropy.py
"""

import math

import torch
from record import write
from torch.nn.functional import cross_entropy

INF, NAN, IGNORED = math.inf, math.nan, -100

# Logits row by row, and labels.
CASES = {
    "minus infinity beside the label": ([[0, 0, -INF]], [0]),
    "minus infinity at the label": ([[0, 0, -INF]], [2]),
    "all but the label minus infinity": ([[-INF, 2, -INF]], [1]),
    "all minus infinity": ([[-INF, -INF, -INF]], [1]),
    "the ends of float32": ([[3e38, -3e38, 0]], [0]),
    "the ends of float32, the label at the lower one": ([[3e38, -3e38, 0]], [1]),
    "NaN beside the label": ([[NAN, 1, 2]], [1]),
    "minus infinity in a row without target": ([[1, 2, 3], [-INF, 0, 1]], [0, IGNORED]),
    "infinity in a row without target": ([[1, 2, 3], [INF, 0, 1]], [0, IGNORED]),
    "NaN in a row without target": ([[1, 2, 3], [NAN, 0, 1]], [0, IGNORED]),
    "all minus infinity in a row without target": ([[1, 2, 3], [-INF] * 3], [0, IGNORED]),
    "the ends of float32 in a row without target": ([[1, 2, 3], [3e38, -3e38, 0]], [0, IGNORED]),
    "several rows": ([[0, 1, -INF], [-INF, 0, 5], [1, 1, 1], [0, 0, 0]], [0, 2, IGNORED, 1]),
}


def as_json(value):
    if isinstance(value, list):
        return [as_json(one) for one in value]
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(f"{value:.10g}")


def record(rows, labels, smoothing):
    logits, targets = torch.tensor(rows, dtype=torch.float32), torch.tensor(labels)
    logits.requires_grad_()
    mean = cross_entropy(logits, targets, label_smoothing=smoothing)
    mean.backward()
    losses = cross_entropy(logits.detach(), targets, reduction="none", label_smoothing=smoothing)
    return {
        "logits": as_json([[float(one) for one in row] for row in rows]),
        "labels": labels,
        "smoothing": smoothing,
        "losses": as_json(losses.tolist()),
        "mean": as_json(mean.item()),
        "gradient": as_json(logits.grad.tolist()),
    }


cases = {}
for name, (rows, labels) in CASES.items():
    cases[name] = record(rows, labels, 0.0)
    cases[f"{name}, smoothed"] = record(rows, labels, 0.25)
write("cross_entropy.json", cases)
