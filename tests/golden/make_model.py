"""Writes model.json: a small decoder's logits, losses, gradients and ten AdamW steps, in float64.

Run with torch 2.13 and numpy: python tests/golden/make_model.py
"""

import torch
from torch.nn import functional as F

from decoder import Decoder, decay_groups, load_values, named_values
from record import as_numbers, inputs, worst, write

CONFIG = dict(
    vocabSize=37, hiddenSize=16, heads=4, layers=2, feedForwardSize=24, maxLength=12
)
B, T = 3, 7
SMOOTHING = 0.1
LEARNING_RATES = [0.0025, 0.005, 0.0075, 0.01, 0.01, 0.009, 0.007, 0.005, 0.003, 0.001]
WEIGHT_DECAY = 0.1
MAX_NORM = 1.0
# The first sentence is whole, the second padded at its end, the third at its start.
MASK = torch.tensor([[1] * 7, [1] * 4 + [0] * 3, [0] * 2 + [1] * 5])


def draw_values(model, generator):
    """Weights that are not at a special value: biases not 0, gains not 1."""
    values = {}
    for name, tensor in named_values(model.named_parameters()).items():
        drawn = torch.randn(tensor.shape, generator=generator)
        scale, center = (0.3, 0.0) if tensor.dim() == 2 else (0.2, float("orm.weight" in name))
        values[name] = torch.tensor(inputs(center + scale * drawn)).reshape(tensor.shape)
    return values


def draw_batch(generator):
    ids = torch.randint(CONFIG["vocabSize"], (B, T), generator=generator)
    following = torch.randint(CONFIG["vocabSize"], (B, 1), generator=generator)
    labels = torch.cat([ids[:, 1:], following], 1).masked_fill(MASK == 0, -100)
    return ids * MASK, labels


def run(values, tied, batches, dtype):
    """One pass over the first batch, then ten steps, in one precision."""
    model = Decoder(**CONFIG, tiedHead=tied).to(dtype)
    load_values(model, values)

    def losses(ids, labels, smoothing=0.0):
        logits = model(ids, MASK)
        rows = logits.flatten(0, 1)
        return logits, F.cross_entropy(rows, labels.flatten(), label_smoothing=smoothing)

    _, smoothed = losses(*batches[0], smoothing=SMOOTHING)
    logits, loss = losses(*batches[0])
    loss.backward()
    gradients = named_values((n, p.grad.clone()) for n, p in model.named_parameters())
    optimizer = torch.optim.AdamW(decay_groups(model, WEIGHT_DECAY), lr=1.0)
    step_losses, norms = [], []
    for lr, batch in zip(LEARNING_RATES, batches):
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.zero_grad()
        _, step_loss = losses(*batch)
        step_loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM).item())
        optimizer.step()
        step_losses.append(step_loss.item())
    return {
        "logits": logits[MASK.bool()].detach(),  # what stands at padding means nothing
        "loss": loss.detach(),
        "smoothedLoss": smoothed.detach(),
        "gradients": gradients,
        "stepLosses": torch.tensor(step_losses, dtype=torch.float64),
        "gradNorms": torch.tensor(norms, dtype=torch.float64),
        # No query can tell a constant added to all keys, so the keys' bias has no gradient but
        # rounding noise, which Adam divides by its own size: it wanders, and changes nothing.
        "paramsAfter": {
            n: without_key_bias(n, t) for n, t in named_values(model.named_parameters()).items()
        },
    }


def without_key_bias(name, tensor):
    if not name.endswith("qkv.bias"):
        return tensor
    C = CONFIG["hiddenSize"]
    return torch.cat([tensor[:C], torch.zeros_like(tensor[:C]), tensor[2 * C :]])


def make_case(tied, seed):
    generator = torch.Generator().manual_seed(seed)
    values = draw_values(Decoder(**CONFIG, tiedHead=tied), generator)
    batches = [draw_batch(generator) for _ in LEARNING_RATES]
    exact = run(values, tied, batches, torch.float64)
    single = run(values, tied, batches, torch.float32)
    return {
        "config": {**CONFIG, "tiedHead": tied},
        "params": {name: inputs(tensor) for name, tensor in values.items()},
        "mask": MASK.tolist(),
        "batches": [{"ids": ids.tolist(), "labels": labels.tolist()} for ids, labels in batches],
        "labelSmoothing": SMOOTHING,
        "learningRates": LEARNING_RATES,
        "weightDecay": WEIGHT_DECAY,
        "maxNorm": MAX_NORM,
        "expected": {key: as_numbers(value) for key, value in exact.items()},
        "float32Error": {key: worst(single[key], exact[key]) for key in exact},
    }


if __name__ == "__main__":
    write("model.json", {"tied": make_case(True, 1), "untied": make_case(False, 2)})
