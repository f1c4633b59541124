"""Writes training.json: twenty clipped AdamW steps of a small decoder, and what it then continues.

Weights and batches are hashes of their places, as in make_full_model.py. Computed in float64. Run with
torch 2.13 and numpy: python tests/golden/make_training.py
"""

import numpy as np
import torch
from torch.nn import functional as F

from decoder import Decoder, decay_groups, load_values, named_values
from make_full_model import hashed
from record import as_numbers, numbers, worst, write

CONFIG = dict(vocabSize=37, hiddenSize=32, heads=4, layers=2, feedForwardSize=48, maxLength=16)
B, T, BATCHES, STEPS = 6, 8, 4, 20
LENGTHS = [8, 8, 7, 5, 4, 2]
PEAK, WARMUP = 0.01, 5
WEIGHT_DECAY, MAX_NORM = 0.1, 1.0
PROMPTS = [[1, 4], [3], [5, 6, 7], [1, 9], [12]]
NEW_TOKENS = 6
# A continuation is right on every backend where the likeliest token leads by more than this.
LEAST_LEAD = 0.001
GRADIENTS_KEPT = 4


def weights(name, shape, salt):
    """Uniform within 0.3, around 1 for the gains of norms."""
    spread = 0.3 * (hashed(int(np.prod(shape)), salt) / 2**31 - 1)
    center = 1 if name.endswith("orm.weight") else 0
    return torch.from_numpy((center + spread).astype(np.float32)).reshape(shape)


def make_batch(place):
    """Sentences that count up by a step of their own: something to learn."""
    draws = hashed(2 * B, 100 + place).reshape(B, 2)
    starts, strides = draws[:, :1] % CONFIG["vocabSize"], 1 + draws[:, 1:] % 3
    tokens = (starts + strides * np.arange(T + 1, dtype=np.uint64)) % CONFIG["vocabSize"]
    ids = torch.from_numpy(tokens.astype(np.int64))
    mask = (torch.arange(T) < torch.tensor(LENGTHS)[:, None]).long()
    return ids[:, :-1], mask, ids[:, 1:].masked_fill(mask == 0, -100)


def learning_rate(step):
    return PEAK * min(1, (step + 1) / WARMUP) * (1 - step / STEPS)


def greedy(model, prompt, count):
    """The likeliest continuation, and by how much the likeliest token led at the closest place."""
    ids, lead = list(prompt), float("inf")
    for _ in range(count):
        row = model(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.long))[0, -1]
        first, second = row.topk(2).values.tolist()
        lead = min(lead, first - second)
        ids.append(row.argmax().item())
    return ids, lead


def run(dtype):
    model = Decoder(**CONFIG, tiedHead=True).to(dtype)
    shapes = named_values(model.named_parameters())
    load_values(
        model, {n: weights(n, tuple(t.shape), salt) for salt, (n, t) in enumerate(shapes.items())}
    )
    optimizer = torch.optim.AdamW(decay_groups(model, WEIGHT_DECAY), lr=1.0)
    losses, norms, first = [], [], None
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step)
        ids, mask, labels = make_batch(step % BATCHES)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(ids, mask).flatten(0, 1), labels.flatten())
        loss.backward()
        if first is None:
            first = named_values(
                (n, p.grad.clone()) for n, p in model.named_parameters()
            )
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM).item())
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        continued = [greedy(model, prompt, NEW_TOKENS) for prompt in PROMPTS]
        ids, mask, _ = make_batch(0)
        logits = model(ids, mask)[0]
    return {
        "losses": torch.tensor(losses, dtype=torch.float64),
        "gradNorms": torch.tensor(norms, dtype=torch.float64),
        "firstGradients": {n: t.flatten()[:GRADIENTS_KEPT] for n, t in first.items()},
        "logits": logits,
    }, continued


if __name__ == "__main__":
    (exact, continued), (single, _) = run(torch.float64), run(torch.float32)
    assert min(lead for _, lead in continued) > LEAST_LEAD, continued
    case = {
        "config": {**CONFIG, "tiedHead": True},
        "lengths": LENGTHS,
        "learningRates": [learning_rate(step) for step in range(STEPS)],
        "weightDecay": WEIGHT_DECAY,
        "maxNorm": MAX_NORM,
        "batches": [
            {"ids": ids.flatten().tolist(), "labels": labels.flatten().tolist()}
            for ids, _, labels in map(make_batch, range(BATCHES))
        ],
        "prompts": PROMPTS,
        "continued": [ids for ids, _ in continued],
        "expected": {
            key: [numbers(row) for row in value] if key == "logits" else as_numbers(value)
            for key, value in exact.items()
        },
        "float32Error": {key: worst(single[key], exact[key]) for key in exact},
    }
    write("training.json", {"tied": case})
