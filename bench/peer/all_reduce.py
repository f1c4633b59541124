"""One tensor added up over two ranks of this machine."""

import torch
import torch.distributed as dist

from ranks_link import agree_on, follow, join_ranks
from serve import read_spec, serve

if __name__ == "__main__":
    spec = read_spec()
    rank = join_ranks(spec)
    tensor = torch.zeros(spec["size"])

    def unit():
        dist.all_reduce(tensor)

    if rank:
        follow(rank, unit)
    else:
        serve(unit, lambda units: agree_on(rank, units))
