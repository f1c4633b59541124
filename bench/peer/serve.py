"""The other end of bench/side.ts: does units of work when told to, and says how long each took."""

import json
import sys
import time

import torch


def read_spec():
    """The program's settings: its one argument, which the bench wrote."""
    return json.loads(sys.argv[1])


def serve(unit, agree=lambda units: None):
    """Answers until the standard input ends; `unit` does the work and returns its loss or None.

    `agree` is told how many units are next, before they are done; 0 at the end.
    """
    versions = f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"
    write({"versions": versions})
    for line in sys.stdin:
        agree(int(line))
        times, loss = [], None
        for _ in range(int(line)):
            start = time.perf_counter()
            loss = unit()
            times.append((time.perf_counter() - start) * 1e3)
        write({"ms": times} if loss is None else {"ms": times, "loss": loss})
    agree(0)


def write(message):
    print(json.dumps(message), flush=True)
