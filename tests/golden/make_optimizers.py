"""Writes optimizers.json: ten steps of PyTorch's optimizers on small tensors, in float64.

Run with torch 2.13: python tests/golden/make_optimizers.py
"""

import torch

from decoder import is_linear
from record import inputs, numbers, write

STEPS = 10
SHAPES = {"layer.weight": [3, 4], "layer.bias": [4], "tokenEmbedding.weight": [5, 4]}
LEARNING_RATES = [0.01, 0.02, 0.03, 0.03, 0.028, 0.024, 0.018, 0.012, 0.006, 0.002]


def draw(generator, scale):
    return {
        name: rounded(scale * torch.randn(shape, generator=generator))
        for name, shape in SHAPES.items()
    }


def rounded(tensor):
    """What a reader of the file gets: the nearest float32 of four decimals."""
    return torch.tensor(inputs(tensor)).reshape(tensor.shape).double()


def decayed(params, weight_decay):
    return [
        {"params": [p for n, p in params.items() if is_linear(n, p)], "weight_decay": weight_decay},
        {"params": [p for n, p in params.items() if not is_linear(n, p)], "weight_decay": 0.0},
    ]


CASES = {
    "adam": (lambda p: torch.optim.Adam(list(p.values())), {}),
    "adam with other betas": (
        lambda p: torch.optim.Adam(list(p.values()), betas=(0.7, 0.95), eps=1e-4),
        {"beta1": 0.7, "beta2": 0.95, "epsilon": 1e-4},
    ),
    "adamw": (lambda p: torch.optim.AdamW(decayed(p, 0.1)), {"weightDecay": 0.1}),
    "adamw, clipped": (
        lambda p: torch.optim.AdamW(decayed(p, 0.1)),
        {"weightDecay": 0.1, "maxNorm": 4.0},
    ),
    "adamw, accumulated and clipped": (
        lambda p: torch.optim.AdamW(decayed(p, 0.1)),
        {"weightDecay": 0.1, "maxNorm": 4.0, "microBatches": 3},
    ),
    "sgd": (lambda p: torch.optim.SGD(list(p.values())), {}),
    "sgd with momentum": (
        lambda p: torch.optim.SGD(list(p.values()), momentum=0.9),
        {"momentum": 0.9},
    ),
    "sgd with momentum, clipped": (
        lambda p: torch.optim.SGD(list(p.values()), momentum=0.9),
        {"momentum": 0.9, "maxNorm": 4.0},
    ),
}


def flat(record):
    return {name: inputs(tensor) for name, tensor in record.items()}


def make_case(make_optimizer, options, seed):
    generator = torch.Generator().manual_seed(seed)
    start = draw(generator, 1.0)
    params = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizer = make_optimizer(params)
    steps = []
    for step, lr in enumerate(LEARNING_RATES):
        for group in optimizer.param_groups:
            group["lr"] = lr
        # From long to short gradients, so that clipping acts on the first steps and not the last.
        scale = 1.5 * 0.7**step
        micro_batches = [draw(generator, scale) for _ in range(options.get("microBatches", 1))]
        optimizer.zero_grad()
        for gradients in micro_batches:
            # The derivative of sum(g * p) is g; backward adds it to what is there.
            sum((g * params[name]).sum() for name, g in gradients.items()).backward()
        max_norm = options.get("maxNorm", float("inf"))
        norm = torch.nn.utils.clip_grad_norm_(list(params.values()), max_norm)
        optimizer.step()
        steps.append(
            {
                "lr": lr,
                "gradients": [flat(gradients) for gradients in micro_batches],
                "gradNorm": numbers(norm)[0],
                "params": {name: numbers(value) for name, value in params.items()},
            }
        )
    return {"options": options, "params": flat(start), "steps": steps}


def clip_tiny():
    """Gradients about as long as the 1e-6 that PyTorch adds to their norm."""
    weight = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    weight.grad = torch.tensor([6e-7, -8e-7], dtype=torch.float64)
    before, max_norm = numbers(weight.grad), 5e-7
    torch.nn.utils.clip_grad_norm_([weight], max_norm)
    return {"gradient": before, "maxNorm": max_norm, "clipped": numbers(weight.grad)}


if __name__ == "__main__":
    cases = {
        name: make_case(make_optimizer, options, seed)
        for seed, (name, (make_optimizer, options)) in enumerate(CASES.items())
    }
    write("optimizers.json", {"shapes": SHAPES, "tinyClip": clip_tiny(), "cases": cases})
