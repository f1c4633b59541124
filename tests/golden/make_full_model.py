"""Writes full_model.json: one pass of the exercise's model in float64, from weights by a formula.

The weights are a hash of each place's number, in integers, so both sides get the same bits and the
file stays small. Run with torch 2.13 and numpy: python tests/golden/make_full_model.py
"""

import numpy as np
import torch
from torch.nn import functional as F

from decoder import Decoder, load_values, named_values
from record import as_numbers, worst, write

B, T = 8, 12
LENGTHS = [12, 12, 11, 9, 8, 6, 4, 3]
LOGITS_KEPT = 16
GRADIENTS_KEPT = 4


def hashed(count, salt):
    """MurmurHash3's finaliser over place + 2^24 * salt: uint32, as in tests/support/golden.ts."""
    x = (np.arange(count, dtype=np.uint64) + salt * 2**24) % 2**32
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor) % 2**32
    return x ^ (x >> np.uint64(16))


def weights(name, shape, salt):
    """Uniform within 0.05, around 1 for the gains of norms."""
    spread = 0.05 * (hashed(int(np.prod(shape)), salt) / 2**31 - 1)
    center = 1 if name.endswith("orm.weight") else 0
    return torch.from_numpy((center + spread).astype(np.float32)).reshape(shape)


def make_batch(vocab_size):
    ids = torch.from_numpy((hashed(B * (T + 1), 200) % vocab_size).astype(np.int64)).reshape(B, -1)
    mask = (torch.arange(T) < torch.tensor(LENGTHS)[:, None]).long()
    return ids[:, :-1], mask, ids[:, 1:].masked_fill(mask == 0, -100)


def run(dtype):
    model = Decoder().to(dtype)
    shapes = named_values(model.named_parameters())
    load_values(
        model, {n: weights(n, tuple(t.shape), salt) for salt, (n, t) in enumerate(shapes.items())}
    )
    ids, mask, labels = make_batch(model.tokenEmbedding.num_embeddings)
    logits = model(ids, mask)
    loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten())
    loss.backward()
    gradients = named_values((n, p.grad) for n, p in model.named_parameters())
    return {
        "loss": loss.detach(),
        "logits": logits[0, -1, :LOGITS_KEPT].detach(),
        "gradNorms": {n: t.double().norm() for n, t in gradients.items()},
        "firstGradients": {n: t.flatten()[:GRADIENTS_KEPT] for n, t in gradients.items()},
    }


if __name__ == "__main__":
    exact, single = run(torch.float64), run(torch.float32)
    case = {
        "batchSize": B,
        "lengths": LENGTHS,
        "expected": {key: as_numbers(value) for key, value in exact.items()},
        "float32Error": {key: worst(single[key], exact[key]) for key in exact},
    }
    write("full_model.json", {"tied": case})
