"""The training step of the course's model in eager PyTorch, timed on demand.

Started as `python peer.py '{"batchSize": 64, "length": 12}'`. For each line of standard input, a
number of steps, it takes so many and writes one line of JSON: {"ms": [...], "loss": ...}. The first
line it writes, once it is ready, names the version. bench/step.ts speaks the same way.
"""

import json
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "golden"))
from decoder import Decoder, decay_groups  # noqa: E402

LEARNING_RATE, WEIGHT_DECAY, MAX_NORM = 1e-3, 0.1, 1.0


def main(shape):
    torch.manual_seed(1)
    model = Decoder()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.02)
    optimizer = torch.optim.AdamW(decay_groups(model, WEIGHT_DECAY), lr=LEARNING_RATE, fused=True)
    ids = torch.randint(1000, (shape["batchSize"], shape["length"] + 1))

    def step():
        # No sentence is padded, so no mask: the fast path of PyTorch's attention.
        logits = model(ids[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        optimizer.step()
        return loss.item()

    versions = f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        times, loss = [], None
        for _ in range(int(line)):
            start = time.perf_counter()
            loss = step()
            times.append((time.perf_counter() - start) * 1e3)
        print(json.dumps({"ms": times, "loss": loss}), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
