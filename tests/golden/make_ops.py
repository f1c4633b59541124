"""Writes ops.json: families of operations, their values and gradients, in float64.

The inputs are hashes of their places, in integers, so both sides get the same bits and the file holds
what was computed alone. The loss of a gradient is the sum of the value times another such hash. Run with
torch 2.13 and numpy: python tests/golden/make_ops.py
"""

import math

import numpy as np
import torch
from torch.nn import functional as F

from make_full_model import hashed
from record import numbers, worst, write

DY_SALT = 90


def uniform(shape, low=-1.0, high=1.0):
    return {"shape": list(shape), "low": low, "high": high}


def ids(shape, below):
    return {"shape": list(shape), "below": below}


def made(spec, salt, dtype):
    """The tensor of one input: float32 numbers in the precision that is computed in, or int64."""
    shape = spec["shape"]
    draws = hashed(math.prod(shape), salt)
    if "below" in spec:
        return torch.from_numpy((draws % spec["below"]).astype(np.int64)).reshape(shape)
    values = spec["low"] + (spec["high"] - spec["low"]) * (draws / 2**32)
    return torch.from_numpy(values.astype(np.float32)).reshape(shape).to(dtype)


def channels_first(op):
    """An operation on images [N, H, W, C], which PyTorch takes as [N, C, H, W]."""
    return lambda x, *rest: op(x.permute(0, 3, 1, 2), *rest).permute(0, 2, 3, 1)


def conv2d(x, w, stride=1, pad=(0, 0, 0, 0)):
    return F.conv2d(F.pad(x, pad), w.permute(3, 2, 0, 1), stride=stride)


def depthwise(x, w):
    height, width, channels, factor = w.shape
    weight = w.permute(2, 3, 0, 1).reshape(channels * factor, 1, height, width)
    return F.conv2d(x, weight, groups=channels)


def batch_norm(x, mean, variance, offset, scale):
    return (x - mean) / torch.sqrt(variance + 0.001) * scale + offset


def gelu(x):
    return F.gelu(x, approximate="tanh")


def cross_entropy(z, labels):
    return F.cross_entropy(z, labels)


A, P = uniform([3, 4]), uniform([3, 4], 0.2, 2)
IMAGE, FILTER = uniform([2, 5, 6, 3]), uniform([3, 3, 3, 4])
UNARY = {
    "abs": torch.abs, "cos": torch.cos, "cosh": torch.cosh, "elu": F.elu, "erf": torch.erf,
    "exp": torch.exp, "expm1": torch.expm1, "gelu": gelu, "neg": torch.neg, "relu": F.relu,
    "selu": F.selu, "sigmoid": torch.sigmoid, "sin": torch.sin, "sinh": torch.sinh,
    "softplus": F.softplus, "square": torch.square, "tan": torch.tan, "tanh": torch.tanh,
    "atan": torch.atan, "asinh": torch.asinh,
}
POSITIVE = {
    "log": torch.log, "log1p": torch.log1p, "reciprocal": torch.reciprocal,
    "rsqrt": torch.rsqrt, "sqrt": torch.sqrt,
}
BINARY = {
    "add": torch.add, "div": torch.div, "maximum": torch.maximum, "minimum": torch.minimum,
    "mul": torch.mul, "pow": torch.pow, "squaredDifference": lambda a, b: (a - b) ** 2,
    "sub": torch.sub,
}

# Name: the inputs, and what is computed of them. The other side is tests/numbers/operations.ts.
CASES = {
    **{name: ([A], op) for name, op in UNARY.items()},
    **{name: ([P], op) for name, op in POSITIVE.items()},
    **{name: ([P, P], op) for name, op in BINARY.items()},
    **{f"{name} broadcast": ([uniform([2, 1, 3], 0.2, 2), uniform([4, 1], 0.2, 2)], op)
       for name, op in BINARY.items()},
    "leakyRelu": ([A], lambda x: F.leaky_relu(x, 0.2)),
    "clipByValue": ([A], lambda x: x.clamp(-0.5, 0.5)),
    "matMul": ([uniform([5, 4]), uniform([4, 3])], torch.matmul),
    "matMul transposeA": ([uniform([4, 5]), uniform([4, 3])], lambda a, b: a.mT @ b),
    "matMul transposeB": ([uniform([5, 4]), uniform([3, 4])], lambda a, b: a @ b.mT),
    "matMul both": ([uniform([4, 5]), uniform([3, 4])], lambda a, b: a.mT @ b.mT),
    "matMul batched": ([uniform([2, 3, 4, 5]), uniform([2, 3, 5, 2])], torch.matmul),
    "matMul batched transposeB": (
        [uniform([2, 3, 4, 5]), uniform([2, 3, 2, 5])], lambda a, b: a @ b.mT),
    "matMul large": ([uniform([40, 48]), uniform([48, 36])], torch.matmul),
    "matMul large transposeA": ([uniform([48, 40]), uniform([48, 36])], lambda a, b: a.mT @ b),
    "matMul large transposeB": ([uniform([40, 48]), uniform([36, 48])], lambda a, b: a @ b.mT),
    "matMul of one matrix": ([uniform([2, 5, 4]), uniform([4, 3])], torch.matmul),
    "matMul of spread batches": ([uniform([2, 1, 5, 4]), uniform([3, 4, 3])], torch.matmul),
    "sum": ([A], lambda x: x.sum(1)),
    "sum all": ([A], lambda x: x.sum()),
    "mean": ([A], lambda x: x.mean(0)),
    "max": ([A], lambda x: x.amax(1)),
    "min": ([A], lambda x: x.amin(0)),
    "prod": ([P], lambda x: x.prod(1)),
    "logSumExp": ([A], lambda x: x.logsumexp(1)),
    "softmax": ([uniform([2, 3, 5], -4, 4)], lambda x: x.softmax(-1)),
    "logSoftmax": ([uniform([3, 5], -4, 4)], lambda x: x.log_softmax(-1)),
    "cumsum": ([A], lambda x: x.cumsum(1)),
    "norm": ([A], lambda x: x.norm()),
    "transpose": ([A], lambda x: x.T),
    "transpose five axes": ([uniform([2, 3, 3, 2, 4])], lambda x: x.permute(2, 0, 3, 1, 4)),
    "reshape": ([A], lambda x: x.reshape(2, 6)),
    "concat": ([A, uniform([2, 4])], lambda a, b: torch.cat([a, b], 0)),
    "slice": ([A], lambda x: x[1:3, 1:3]),
    "stack": ([A, A], lambda a, b: torch.stack([a, b], 1)),
    "unstack": ([uniform([3, 2, 4])], lambda x: x[0] * x[1] + x[2]),
    "split": ([uniform([4, 6])], lambda x: x[:, :2] * x[:, 2:4] + x[:, 4:]),
    "pad": ([A], lambda x: F.pad(x, (2, 0, 1, 1))),
    "tile": ([A], lambda x: x.tile(2, 3)),
    "reverse": ([A], lambda x: x.flip(1)),
    "gather": ([uniform([6, 4]), ids([9], 6)], lambda x, i: x[i]),
    "gather of two axes": ([uniform([6, 4]), ids([2, 5], 6)], lambda x, i: x[i]),
    "where": ([A, A], lambda a, b: torch.where(a > b, a, b)),
    "conv1d": ([uniform([2, 7, 3]), uniform([3, 3, 4])],
               lambda x, w: F.conv1d(x.mT, w.permute(2, 1, 0)).mT),
    "conv2d": ([IMAGE, FILTER], channels_first(conv2d)),
    "conv2d same stride 2": (
        [IMAGE, FILTER], channels_first(lambda x, w: conv2d(x, w, 2, (0, 1, 1, 1)))),
    "conv2dTranspose": (
        [uniform([2, 3, 4, 4]), FILTER],
        channels_first(lambda x, w: F.conv_transpose2d(x, w.permute(3, 2, 0, 1)))),
    "depthwiseConv2d": ([IMAGE, uniform([2, 2, 3, 2])], channels_first(depthwise)),
    "maxPool": ([uniform([2, 4, 6, 3])], channels_first(lambda x: F.max_pool2d(x, 2))),
    "avgPool": ([uniform([2, 4, 6, 3])], channels_first(lambda x: F.avg_pool2d(x, 2))),
    "maxPool same": (
        [uniform([2, 4, 6, 3])], channels_first(lambda x: F.max_pool2d(x, 3, 1, 1))),
    "avgPool same": (
        [uniform([2, 4, 6, 3])],
        channels_first(lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))),
    "resizeNearestNeighbor": (
        [uniform([2, 3, 4, 2])], channels_first(lambda x: F.interpolate(x, size=(7, 9)))),
    "resizeBilinear": (
        [uniform([2, 3, 4, 2])],
        channels_first(lambda x: F.interpolate(
            x, size=(7, 9), mode="bilinear", align_corners=True))),
    "batchNorm": (
        [IMAGE, uniform([3]), uniform([3], 0.2, 2), uniform([3]), uniform([3])], batch_norm),
    "linear": ([uniform([5, 4]), uniform([4, 3]), uniform([3])], lambda x, w, b: x @ w + b),
    "tiedHead": ([uniform([5, 4]), uniform([7, 4])], lambda x, e: x @ e.mT),
    "layerNorm": ([uniform([5, 8]), uniform([8]), uniform([8])],
                  lambda x, w, b: F.layer_norm(x, [8], w, b)),
    "embed": ([uniform([6, 4]), ids([2, 5], 6)], lambda x, i: x[i.flatten()]),
    "crossEntropy": ([uniform([6, 9], -4, 4), ids([6], 9)], cross_entropy),
}


def run(specs, op, dtype):
    inputs = [made(spec, salt, dtype) for salt, spec in enumerate(specs)]
    leaves = [x.requires_grad_() for x in inputs if x.is_floating_point()]
    value = op(*inputs)
    dy = made(uniform(value.shape), DY_SALT, dtype)
    return value.detach(), torch.autograd.grad((value * dy).sum(), leaves)


def recorded(specs, op):
    (value, gradients), (value32, gradients32) = (
        run(specs, op, dtype) for dtype in (torch.float64, torch.float32))
    return {
        "inputs": specs,
        "shape": list(value.shape),
        "value": numbers(value),
        "gradients": [numbers(g) for g in gradients],
        "float32Error": {
            "value": worst(value32, value),
            "gradients": max(worst(a, b) for a, b in zip(gradients32, gradients)),
        },
    }


if __name__ == "__main__":
    write("ops.json", {name: recorded(*case) for name, case in CASES.items()})
