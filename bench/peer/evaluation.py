"""The mean loss of the validation sentences."""

import torch
from torch.nn import functional as F

from corpus import IGNORE, Tokenizer, new_model, read_sentences
from serve import read_spec, serve


@torch.inference_mode()
def mean_loss(model, ids, labels, batch_size):
    """Nats a target; the model's mode is left as it was."""
    was_training = model.training
    model.eval()
    total = 0.0
    for ids_part, labels_part in zip(ids.split(batch_size), labels.split(batch_size)):
        logits = model(ids_part)
        loss = F.cross_entropy(
            logits.flatten(0, 1), labels_part.flatten(), ignore_index=IGNORE, reduction="sum"
        )
        total += loss.item()
    model.train(was_training)
    return total / (labels != IGNORE).sum().item()


def main(spec):
    torch.manual_seed(1)
    model = new_model(dropout=0.1)
    ids, labels = read_sentences(spec["data"], "validation", Tokenizer(spec["data"]))
    serve(lambda: mean_loss(model, ids, labels, spec["batchSize"]))


if __name__ == "__main__":
    main(read_spec())
