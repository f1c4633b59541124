"""The training step of the course's model on random sentences, none of them padded."""

import torch
from torch.nn import functional as F

from decoder import Decoder, decay_groups
from serve import read_spec, serve

LEARNING_RATE, WEIGHT_DECAY, MAX_NORM = 1e-3, 0.1, 1.0


def make_step(spec):
    torch.manual_seed(1)
    device = spec.get("device", "cpu")
    torch.set_float32_matmul_precision("high" if spec.get("tf32") else "highest")
    model = Decoder(layers=spec["layers"])
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.02)
    model.to(device)
    optimizer = torch.optim.AdamW(decay_groups(model, WEIGHT_DECAY), lr=LEARNING_RATE, fused=True)
    sentences = torch.randint(1000, (spec["batchSize"], spec["length"] + 1)).to(device)
    ids, labels = sentences[:, :-1].contiguous(), sentences[:, 1:].contiguous()
    logits_of = torch.compile(model) if spec["compile"] == "model" else model

    def loss_of(ids, labels):
        # No sentence is padded, so no mask: the fast path of PyTorch's attention.
        with torch.autocast(device, dtype=torch.bfloat16, enabled=spec["autocast"]):
            logits = logits_of(ids)
            return F.cross_entropy(logits.flatten(0, 1), labels.flatten())

    if spec["compile"] == "loss":
        loss_of = torch.compile(loss_of)

    def step():
        loss = loss_of(ids, labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        optimizer.step()
        return loss.item()

    return step


if __name__ == "__main__":
    serve(make_step(read_spec()))
