"""Generation with the decoder of tests/golden, keys and values kept in preallocated memory."""

import torch
from torch.nn import functional as F


class Cache:
    """Keys and values of each block, [B, H, places, D], filled from the left."""

    def __init__(self, model, B, places):
        C, H = model.tokenEmbedding.embedding_dim, model.blocks[0].attention.heads
        shape = (B, H, places, C // H)
        self.blocks = [(torch.empty(shape), torch.empty(shape)) for _ in model.blocks]
        self.used = 0


def attend(attention, x, past, used):
    """x [B, T, C] attends to itself and to the `used` places before it."""
    B, T, C = x.shape
    H = attention.heads
    q, k, v = attention.qkv(x).view(B, T, 3, H, C // H).permute(2, 0, 3, 1, 4)
    keys, values = past
    keys[:, :, used : used + T] = k
    values[:, :, used : used + T] = v
    # One new token may look at everything; a prompt at its beginning is the ordinary causal case.
    mixed = F.scaled_dot_product_attention(
        q, keys[:, :, : used + T], values[:, :, : used + T], is_causal=T > 1
    )
    return attention.output(mixed.transpose(1, 2).reshape(B, T, C))


def next_logits(model, ids, cache):
    """The logits after the last of the new ids [B, T]: [B, V]."""
    used, T = cache.used, ids.shape[1]
    assert T == 1 or used == 0, "a prompt goes in whole, at the beginning"
    x = model.tokenEmbedding(ids) + model.positionEmbedding.weight[used : used + T]
    for block, past in zip(model.blocks, cache.blocks):
        x = x + attend(block.attention, block.attentionNorm(x), past, used)
        x = x + block.feedForward(block.feedForwardNorm(x))
    cache.used += T
    last = model.finalNorm(x[:, -1])
    weight = model.tokenEmbedding.weight if model.head is None else model.head.weight
    return F.linear(last, weight)


@torch.inference_mode()
def generate(model, prompts, new_tokens, temperature, generator=None):
    """Continues prompts [B, T] of one length by so many tokens; greedy at temperature 0."""
    B, T = prompts.shape
    cache, sentences, ids = Cache(model, B, T + new_tokens), [prompts], prompts
    for _ in range(new_tokens):
        logits = next_logits(model, ids, cache)
        if temperature == 0:
            ids = logits.argmax(-1, keepdim=True)
        else:
            shares = torch.softmax(logits / temperature, -1)
            ids = torch.multinomial(shares, 1, generator=generator)
        sentences.append(ids)
    return torch.cat(sentences, 1)
