"""Writes lib/backend/doctor/golden_values.json: what the doctor's self-test holds a backend against.

Everything but the random numbers is PyTorch's, in float64, from inputs that float32 holds exactly.
The random numbers are Philox4x32-10 written out in Python from the paper, and checked here against
the test vectors that its authors published. Run with torch 2.13: python tests/golden/make_self_test.py
"""

import json
from pathlib import Path

import torch
from torch.nn import functional as F

from record import as_numbers

TARGET = Path(__file__).parents[2] / "lib/backend/doctor/golden_values.json"


def hashed(place):
    """MurmurHash3's finaliser, as in make_full_model.py."""
    x = place & 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return x ^ (x >> 16)


def draw(salt, *shape):
    """Multiples of 1/2048 from -1 to 1."""
    size = 1
    for length in shape:
        size *= length
    values = [(hashed(i + salt * 2**24) >> 20) / 2048 - 1 for i in range(size)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def philox(key, counter):
    """Salmon and others, 2011: ten rounds of Philox4x32."""
    c, k = list(counter), list(key)
    for _ in range(10):
        low, high = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [
            (high >> 32) ^ c[1] ^ k[0],
            high & 0xFFFFFFFF,
            (low >> 32) ^ c[3] ^ k[1],
            low & 0xFFFFFFFF,
        ]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


ONES, PI = 0xFFFFFFFF, [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344]
assert philox([0, 0], [0] * 4) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
assert philox([ONES] * 2, [ONES] * 4) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
assert philox([0xA4093822, 0x299F31D0], PI) == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


def uniform(seed, size, stream):
    """Two numbers a word, the low half first, in steps of 2^-16."""
    key, numbers = [seed[0] & ONES, seed[1] & ONES], []
    for block in range(-(-size // 8)):
        for word in philox(key, [block, 0, stream & ONES, stream >> 32]):
            numbers += [(word & 0xFFFF) / 2**16, (word >> 16) / 2**16]
    return torch.tensor(numbers[:size], dtype=torch.float64)


def gradients(function, *inputs):
    leaves = [x.clone().requires_grad_() for x in inputs]
    value = function(*leaves)
    value.backward()
    return torch.cat([value.detach().reshape(1)] + [x.grad.flatten() for x in leaves])


def network(x, first, second):
    """A hidden layer, layer norm, scores, and their loss against rows 0, 1, 2, ... modulo 7."""
    hidden = F.layer_norm(torch.tanh(x @ first), (first.shape[1],), eps=1e-5)
    labels = torch.arange(x.shape[0]) % second.shape[1]
    return F.cross_entropy(hidden @ second, labels)


x, y, wide = draw(1, 6, 5), draw(2, 6, 5), draw(3, 4, 9)
row, positive = draw(4, 5), draw(1, 6, 5) + 2
ids = torch.tensor([3, 0, 5, 3])
network_inputs = (draw(20, 6, 8), draw(21, 8, 16), draw(22, 16, 7))

FAMILIES = {
    "matrix products": {
        "a b": draw(10, 7, 33) @ draw(11, 33, 5),
        "a' b": draw(12, 33, 7).T @ draw(11, 33, 5),
        "a b'": draw(10, 7, 33) @ draw(13, 5, 33).T,
        "batched": draw(14, 3, 4, 6) @ draw(15, 3, 6, 2),
        "large": (draw(16, 128, 512) @ draw(17, 512, 96))[77, :40],
    },
    "elementwise": {
        "add a row": x + row,
        "subtract": x - y,
        "multiply": x * y,
        "divide": x / positive,
        "power": positive**3,
        "maximum": torch.maximum(x, y),
        "minimum": torch.minimum(x, y),
        "absolute": x.abs(),
        "square root": positive.sqrt(),
        "1 / square root": positive.rsqrt(),
        "exponential": (4 * x).exp(),
        "hyperbolic tangent": torch.tanh(3 * x),
        "sigmoid": torch.sigmoid(3 * x),
        "error function": torch.erf(2 * x),
        "floor": (5 * x).floor(),
        "where x > y": torch.where(x > y, x, y - 1),
    },
    "reductions": {
        "sum of columns": x.sum(0),
        "sum of all": x.sum(),
        "mean of rows": x.mean(1),
        "maximum of rows": x.max(1).values,
        "minimum of columns": x.min(0).values,
        "product of rows": positive.prod(1),
        "place of the maximum": x.argmax(1),
        "place of the minimum": x.argmin(0),
        "running sum": x.cumsum(1),
        "sum of many": draw(5, 40, 1000).sum(1)[:8],
    },
    "gather and scatter": {
        "rows by number": x[ids],
        "sum by number": torch.zeros(7, 5, dtype=torch.float64).index_add(0, ids, y[:4]),
        "one-hot": F.one_hot(ids, 7),
        "slice": x[1:4, 2:5],
        "concatenate": torch.cat([x, y], 1),
        "transpose": draw(6, 2, 3, 4).permute(2, 0, 1),
        "pad": F.pad(x, (2, 1, 1, 0)),
        "repeat": x[:2].repeat(2, 3),
    },
    "softmax and logarithms": {
        "softmax": torch.softmax(4 * wide, -1),
        "softmax of large": torch.softmax(1000 * wide, -1),
        "log softmax": torch.log_softmax(4 * wide, -1),
        "log of the sum of exponentials": torch.logsumexp(100 * wide, -1),
        "logarithm": positive.log(),
        "log(1 + x)": torch.log1p(x / 1024),
        "softplus": F.softplus(8 * x),
    },
    "normalisation": {
        "mean": wide.mean(-1),
        "variance": wide.var(-1, unbiased=False),
        "layer norm": F.layer_norm(wide, (9,), eps=1e-5),
        "layer norm far from 0": F.layer_norm(wide + 8, (9,), eps=1e-5),
    },
    "random numbers": {
        "5 of a seed": uniform([7, -9], 5, 3),
        "another stream": uniform([7, -9], 9, 4),
        "a long stream number": uniform([-1, 123456789], 16, 2**40 + 5),
    },
    "casts": {
        "to integers, towards 0": (5 * x).trunc(),
        "integers to numbers": torch.tensor([-(2**24), -1, 0, 2**24 - 1]),
        "truth to numbers": (x > 0).double(),
        "numbers to truth": torch.tensor([0, 1, 1, 1]),
        "integer quotient, downwards": torch.tensor([-4, -3, 2, 3]),
    },
    "gradients": {
        "of a product of matrices": gradients(
            lambda a, b: torch.tanh(a @ b).sum(), draw(18, 3, 4), draw(19, 4, 2)
        ),
        "of softmax": gradients(lambda a: (torch.softmax(4 * a, -1) ** 2).sum(), wide),
        "of rows by number": gradients(lambda a: (a[ids] ** 2).sum(), x),
        "of a maximum": gradients(lambda a: a.max(1).values.sum(), x),
        "of a network": gradients(network, *network_inputs),
    },
}

# Compared to the last bit: nothing is rounded here, so nothing may be rounded in the file.
EXACT = ("gather and scatter", "random numbers", "casts")


def exact(tensor):
    return tensor.double().flatten().tolist()


lines = []
for family, cases in FAMILIES.items():
    written = exact if family in EXACT else as_numbers
    texts = [f"  {json.dumps(name)}: {json.dumps(written(case))}" for name, case in cases.items()]
    lines.append(f"{json.dumps(family)}: {{\n" + ",\n".join(texts) + "\n}")
version = torch.__version__.split("+")[0]
TARGET.write_text(f'{{\n"torch": {json.dumps(version)},\n' + ",\n".join(lines) + "\n}\n")
