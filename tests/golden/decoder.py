"""The course's decoder in PyTorch's own parts; its parameters carry the names of lib/model.

PyTorch keeps a linear layer's weight as [out, in], lib/model as [in, out]: `named_values` turns it.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, C, H, dropout):
        super().__init__()
        self.heads, self.dropout = H, dropout
        self.qkv, self.output = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x, allowed):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        p = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(
            q, k, v, attn_mask=allowed, dropout_p=p, is_causal=allowed is None
        )
        return self.output(mixed.transpose(1, 2).reshape(B, T, C))


class FeedForward(nn.Module):
    def __init__(self, C, feed_forward):
        super().__init__()
        self.up, self.down = nn.Linear(C, feed_forward), nn.Linear(feed_forward, C)

    def forward(self, x):
        return self.down(F.gelu(self.up(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, C, H, feed_forward, dropout):
        super().__init__()
        self.attentionNorm, self.attention = nn.LayerNorm(C), Attention(C, H, dropout)
        self.feedForwardNorm, self.feedForward = nn.LayerNorm(C), FeedForward(C, feed_forward)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, allowed):
        x = x + self.drop(self.attention(self.attentionNorm(x), allowed))
        return x + self.drop(self.feedForward(self.feedForwardNorm(x)))


class Decoder(nn.Module):
    """Settings are those of lib/model's ModelConfig, by name."""

    def __init__(
        self,
        vocabSize=1000,
        hiddenSize=256,
        heads=4,
        layers=4,
        feedForwardSize=512,
        maxLength=128,
        tiedHead=True,
        dropout=0.0,
    ):
        super().__init__()
        self.tokenEmbedding = nn.Embedding(vocabSize, hiddenSize)
        self.positionEmbedding = nn.Embedding(maxLength, hiddenSize)
        self.blocks = nn.ModuleList(
            Block(hiddenSize, heads, feedForwardSize, dropout) for _ in range(layers)
        )
        self.finalNorm = nn.LayerNorm(hiddenSize)
        self.head = None if tiedHead else nn.Linear(hiddenSize, vocabSize)
        self.drop = nn.Dropout(dropout)

    def forward(self, ids, mask=None):
        """ids [B, T] and mask [B, T] (1 = attend; none: no padding) to logits [B, T, V]."""
        T = ids.shape[1]
        allowed = None
        if mask is not None:
            allowed = torch.ones(T, T, dtype=torch.bool).tril() & mask.bool()[:, None, None, :]
        x = self.drop(self.tokenEmbedding(ids) + self.positionEmbedding.weight[:T])
        for block in self.blocks:
            x = block(x, allowed)
        x = self.finalNorm(x)
        return F.linear(x, self.tokenEmbedding.weight) if self.head is None else self.head(x)


def is_linear(name, tensor):
    return name.endswith(".weight") and tensor.dim() == 2 and "Embedding" not in name


def decay_groups(model, weight_decay):
    """Decay on the weights of linear layers only."""
    named = list(model.named_parameters())
    return [
        {"params": [p for n, p in named if is_linear(n, p)], "weight_decay": weight_decay},
        {"params": [p for n, p in named if not is_linear(n, p)], "weight_decay": 0.0},
    ]


def named_values(named):
    """From PyTorch's layout to that of lib/model, by name."""
    return {n: (t.detach().t() if is_linear(n, t) else t.detach()) for n, t in named}


def load_values(model, values):
    """From lib/model's layout into the model."""
    state = {n: torch.as_tensor(v) for n, v in values.items()}
    model.load_state_dict({n: t.t() if is_linear(n, t) else t for n, t in state.items()})
