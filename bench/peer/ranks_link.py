"""Ranks of a bench: the process that the bench talks to is rank 0, and starts the others."""

import json
import os
import socket
import subprocess
import sys

import torch
import torch.distributed as dist


def join_ranks(spec):
    """Joins this process with the others, over gloo; gives its rank, or None where it works alone."""
    ranks, rank = spec["ranks"], spec.get("rank", 0)
    torch.set_num_threads(spec.get("threads", 1))
    if ranks == 1:
        return None
    port = spec.get("port") or free_port()
    if rank == 0:
        for other in range(1, ranks):
            own = json.dumps({**spec, "rank": other, "port": port})
            subprocess.Popen(
                ["taskset", "-c", str(other), sys.executable, sys.argv[0], own],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=ranks)
    return rank


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def agree_on(rank, units):
    """Rank 0 says how many units are next, and all do as many; 0 is the end."""
    if rank is None:
        return units
    agreed = torch.tensor([units])
    dist.broadcast(agreed, 0)
    return int(agreed)


def follow(rank, unit):
    """What a rank other than 0 does: the same units, and no answer."""
    while units := agree_on(rank, 0):
        for _ in range(units):
            unit()
