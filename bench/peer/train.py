"""The job of ./denow task train on `plain` in PyTorch, from reading the sentences to the last save.

Same sentences, model, recipe and schedule of validations; at each of these a CSV row, as many drawn
and greedy sentences into samples.txt, and the checkpoint saved as last and, if the best, as best.
What ours does besides (TensorBoard events, the oracle's losses, a report with charts, checksums and
fsync of what it saves) is left out.
"""

import csv
import math
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from cached_decoder import generate
from corpus import IGNORE, Tokenizer, new_model, read_sentences
from decoder import decay_groups
from evaluation import mean_loss
from serve import read_spec

PROMPT_WORDS = 2


def lr_share(step, warmup, total):
    """Linear warm-up, then a cosine to 0: as lib/schedule has it."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def epochs_of_batches(ids, labels, spec):
    for epoch in range(spec["epochs"]):
        for rows in torch.randperm(len(ids)).split(spec["batchSize"]):
            yield epoch, ids[rows], labels[rows]


class Files:
    """Metrics, samples and checkpoints of a run."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.metrics_file = open(self.folder / "metrics.csv", "w", newline="")
        self.metrics = csv.writer(self.metrics_file)
        self.metrics.writerow(["step", "epoch", "trainLoss", "lr", "gradNorm", "validationLoss"])
        self.samples = open(self.folder / "samples.txt", "w")
        self.best = math.inf

    def save(self, step, loss, model, optimizer, scheduler):
        state = {
            "step": step,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
        }
        torch.save(state, self.folder / "last.pt")
        if loss < self.best:
            self.best = loss
            torch.save(state, self.folder / "best.pt")
        self.metrics_file.flush()
        self.samples.flush()


def write_samples(file, model, tokenizer, prompts, count):
    """Greedy sentences from the first words of held-out ones, and as many drawn from nothing."""
    model.eval()
    longest = prompts.shape[1] - 1
    started = prompts[:count, : 1 + PROMPT_WORDS]
    alone = torch.full((count, 1), tokenizer.bos)
    for start, temperature in ((started, 0.0), (alone, 1.0)):
        new_tokens = longest + 2 - start.shape[1]
        for ids in generate(model, start, new_tokens, temperature).tolist():
            file.write(tokenizer.decode(ids) + "\n")
    model.train()


def train(spec):
    torch.manual_seed(spec["seed"])
    tokenizer = Tokenizer(spec["data"])
    ids, labels = read_sentences(spec["data"], "train", tokenizer)
    held_ids, held_labels = read_sentences(spec["data"], "validation", tokenizer)
    model = new_model(dropout=spec["dropout"])
    optimizer = torch.optim.AdamW(
        decay_groups(model, spec["weightDecay"]), lr=spec["lr"], fused=True
    )
    steps_an_epoch = math.ceil(len(ids) / spec["batchSize"])
    total = steps_an_epoch * spec["epochs"]
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: lr_share(step, spec["warmup"], total)
    )
    files = Files(spec["out"])

    def validate(step, epoch):
        loss = mean_loss(model, held_ids, held_labels, spec["evaluationBatch"])
        files.metrics.writerow([step, epoch, "", "", "", loss])
        write_samples(files.samples, model, tokenizer, held_ids, spec["samples"])
        files.save(step, loss, model, optimizer, scheduler)
        return loss

    held_loss = validate(0, 0)
    started, batches = time.perf_counter(), epochs_of_batches(ids, labels, spec)
    for step, (epoch, x, y) in enumerate(batches, 1):
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=IGNORE)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), spec["clip"])
        lr = scheduler.get_last_lr()[0]
        optimizer.step()
        scheduler.step()
        files.metrics.writerow([step, epoch + 1, loss.item(), lr, norm.item(), ""])
        if step % steps_an_epoch == 0:
            held_loss = validate(step, epoch + 1)
            print(f"step {step} validation {held_loss:.4f}", flush=True)
    print(f"validation loss {held_loss:.4f}, {time.perf_counter() - started:.1f} s of training")


if __name__ == "__main__":
    train(read_spec())
