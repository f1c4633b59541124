"""Writes schedules.json: learning-rate multipliers as PyTorch's schedulers give them.

The value at index t is the rate of update t with a peak rate of 1: scheduler.step() follows
optimizer.step(). Run with torch 2.13: python tests/golden/make_schedules.py
"""

import json
from pathlib import Path

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR, StepLR

UPDATES = 61
WARMUP = 12


def record(make_scheduler, updates=UPDATES):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make_scheduler(optimizer)
    values = []
    for _ in range(updates):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def warm(optimizer):
    """(step + 1) / WARMUP: from 1 / WARMUP to 1 in WARMUP - 1 steps."""
    return LinearLR(optimizer, start_factor=1 / WARMUP, end_factor=1.0, total_iters=WARMUP - 1)


def after_warmup(make_second):
    return lambda optimizer: SequentialLR(
        optimizer, [warm(optimizer), make_second(optimizer)], milestones=[WARMUP]
    )


LEFT = UPDATES - 1 - WARMUP
CASES = {
    "constant": lambda o: LambdaLR(o, lambda step: 1.0),
    "linear": lambda o: LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=40),
    "cosine": lambda o: CosineAnnealingLR(o, T_max=UPDATES - 1, eta_min=0.05),
    "step": lambda o: StepLR(o, step_size=7, gamma=0.3),
    "warmup": warm,
    "warmupCosine": after_warmup(lambda o: CosineAnnealingLR(o, T_max=LEFT, eta_min=0.0)),
    "warmupLinear": after_warmup(
        lambda o: LinearLR(o, start_factor=1.0, end_factor=0.2, total_iters=LEFT)
    ),
    "warmupStep": after_warmup(lambda o: StepLR(o, step_size=10, gamma=0.5)),
}

lines = [f'  "{name}": {json.dumps(record(make))}' for name, make in CASES.items()]
version = torch.__version__.split("+")[0]
body = ",\n".join(lines)
path = Path(__file__).parent / "schedules.json"
path.write_text(f'{{\n "torch": "{version}",\n "multipliers": {{\n{body}\n }}\n}}\n')
