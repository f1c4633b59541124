"""The training step of the course's model on random sentences, shared by ranks of this machine."""

import torch
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from decoder import Decoder, decay_groups
from ranks_link import agree_on, follow, join_ranks
from serve import read_spec, serve

LEARNING_RATE, WEIGHT_DECAY, MAX_NORM = 1e-3, 0.1, 1.0


def make_step(spec, rank):
    torch.manual_seed(1)
    model = Decoder(layers=4)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.02)
    optimizer = torch.optim.AdamW(decay_groups(model, WEIGHT_DECAY), lr=LEARNING_RATE, fused=True)
    sentences = torch.randint(1000, (spec["batchSize"], spec["length"] + 1))
    own = sentences if rank is None else sentences[rank :: spec["ranks"]]
    ids, labels = own[:, :-1].contiguous(), own[:, 1:].contiguous()
    # Its all-reduces run beside the way back, so how long they take alone cannot be told.
    logits_of = model if rank is None else DistributedDataParallel(model)

    def step():
        loss = F.cross_entropy(logits_of(ids).flatten(0, 1), labels.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        optimizer.step()
        return loss.item()

    return step


if __name__ == "__main__":
    spec = read_spec()
    rank = join_ranks(spec)
    step = make_step(spec, rank)
    if rank:
        follow(rank, step)
    else:
        serve(step, lambda units: agree_on(rank, units))
