"""The sentences that `task data` writes, as tensors; and the model as `task train` starts it."""

import json
from pathlib import Path

import torch
from torch import nn

from decoder import Decoder

IGNORE = -100


class Tokenizer:
    """Words to ids and back, from the file that `task data` writes."""

    def __init__(self, folder):
        model = json.loads(Path(folder, "tokenizer.json").read_text())["model"]
        self.ids = model["vocab"]
        self.words = {id: word for word, id in self.ids.items()}
        self.bos, self.eos, self.pad = (self.ids[word] for word in ("<bos>", "<eos>", "<pad>"))

    def encode(self, text):
        return [self.bos, *(self.ids[word] for word in text.split()), self.eos]

    def decode(self, ids):
        """The words up to <eos>, without the marks."""
        ids = ids[1 : ids.index(self.eos)] if self.eos in ids else ids[1:]
        return " ".join(self.words[id] for id in ids)


def read_sentences(folder, part, tokenizer):
    """Ids and labels, int64 [sentences, T]; labels are -100 where a sentence has ended.

    Pads come after a sentence and attention looks back only, so no mask is needed: this keeps to
    the fast path of PyTorch's attention.
    """
    lines = Path(folder, f"{part}.txt").read_text().splitlines()
    sentences = [torch.tensor(tokenizer.encode(line)) for line in lines]
    padded = nn.utils.rnn.pad_sequence(sentences, batch_first=True, padding_value=tokenizer.pad)
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    ended = torch.arange(1, padded.shape[1]) >= lengths[:, None]
    return padded[:, :-1].contiguous(), padded[:, 1:].masked_fill(ended, IGNORE)


def new_model(**settings):
    """Xavier-uniform weights and embeddings of standard deviation 0.02, as in lib/model."""
    model = Decoder(**settings)
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
    return model
