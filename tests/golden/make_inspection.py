"""Writes inspection.json: attention weights, hidden states and probabilities, heads on and off.

The models are those of model.json; the weights come from PyTorch's nn.MultiheadAttention, which is
another code path than the decoder's own. Run with torch 2.13: python tests/golden/make_inspection.py
"""

import json
from pathlib import Path

import torch
from torch import nn

from decoder import Decoder, load_values
from record import as_numbers, worst, write

LENGTHS = [7, 4]  # tokens that are read of the first two sentences
HEADS_OFF = [[0, 1], [1, 3], [1, 0]]  # layer and head


def attention_weights(block, x):
    """[H, T, T] of a block that x [1, T, C] enters."""
    own = block.attention
    peer = nn.MultiheadAttention(x.shape[-1], own.heads, batch_first=True, dtype=x.dtype)
    peer.load_state_dict(
        {
            "in_proj_weight": own.qkv.weight,
            "in_proj_bias": own.qkv.bias,
            "out_proj.weight": own.output.weight,
            "out_proj.bias": own.output.bias,
        }
    )
    T, normed = x.shape[1], block.attentionNorm(x)
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    _, weights = peer(
        normed, normed, normed, attn_mask=later, need_weights=True, average_attn_weights=False
    )
    return weights[0]


def switch_off(model):
    """Clears what the heads hand to the output layer."""

    def clear(heads, width):
        def hook(_, inputs):
            mixed = inputs[0].clone()
            for head in heads:
                mixed[..., head * width : (head + 1) * width] = 0
            return (mixed,)

        return hook

    for layer, block in enumerate(model.blocks):
        heads = [head for place, head in HEADS_OFF if place == layer]
        width = block.attention.output.in_features // block.attention.heads
        block.attention.output.register_forward_pre_hook(clear(heads, width))


def look(model, ids):
    hidden = []
    for block in model.blocks:
        block.register_forward_pre_hook(lambda _, inputs: hidden.append(inputs[0]))
    model.blocks[-1].register_forward_hook(lambda _, __, output: hidden.append(output))
    logits = model(ids)
    return hidden, logits.softmax(-1)[0]


@torch.no_grad()
def run(case, dtype):
    def make():
        model = Decoder(**case["config"]).to(dtype).eval()
        shapes = {n: t.t().shape if t.dim() == 2 and "Embedding" not in n else t.shape
                  for n, t in model.named_parameters()}
        values = {n: torch.tensor(v).reshape(shapes[n]) for n, v in case["params"].items()}
        load_values(model, values)
        return model

    rows = torch.tensor(case["batches"][0]["ids"])
    results = {}
    for index, length in enumerate(LENGTHS):
        ids, model, cut = rows[index : index + 1, :length], make(), make()
        hidden, probabilities = look(model, ids)
        switch_off(cut)
        hidden_off, probabilities_off = look(cut, ids)
        weights = [attention_weights(b, x) for b, x in zip(model.blocks, hidden)]
        results[f"sentence{index}"] = {
            "attention": torch.stack(weights),
            "hidden": torch.cat(hidden),
            "probabilities": probabilities,
            "hiddenOff": torch.cat(hidden_off),
            "probabilitiesOff": probabilities_off,
        }
    return results


if __name__ == "__main__":
    models = json.loads((Path(__file__).parent / "model.json").read_text())
    cases = {}
    for name in ("tied", "untied"):
        exact, single = run(models[name], torch.float64), run(models[name], torch.float32)
        cases[name] = {
            "lengths": LENGTHS,
            "headsOff": HEADS_OFF,
            "expected": {k: as_numbers(v) for k, v in exact.items()},
            "float32Error": {k: worst(single[k], exact[k]) for k in exact},
        }
    write("inspection.json", cases)
