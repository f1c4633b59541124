"""Opens an exported folder as its users do, and prints what comes of it as JSON.

Arguments: the folder, and a folder to save it into again. Standard input: JSON of `sentences` (texts), and
`prompts` (texts without an end).
"""

import json
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

folder, again = sys.argv[1], sys.argv[2]
given = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(folder)
model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
model.eval()
ids = [tokenizer(text)["input_ids"] for text in given["sentences"]]


@torch.no_grad()
def mean_loss():
    batch = tokenizer(given["sentences"], padding=True, return_tensors="pt")
    tokens, mask = batch["input_ids"], batch["attention_mask"]
    total = count = 0
    for rows, masks in zip(tokens.split(200), mask.split(200)):
        logits = model(input_ids=rows, attention_mask=masks).logits[:, :-1].double()
        losses = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), rows[:, 1:], reduction="none"
        )
        total += (losses * masks[:, 1:]).sum().item()
        count += masks[:, 1:].sum().item()
    return total / count


def greedy(prompt):
    # Without the <eos> that the tokenizer puts at the end.
    start = torch.tensor([tokenizer(prompt)["input_ids"][:-1]])
    out = model.generate(start, attention_mask=torch.ones_like(start), max_length=40)
    return tokenizer.decode(out[0], skip_special_tokens=True)


weights = load_file(f"{folder}/model.safetensors")
model.save_pretrained(again)
tokenizer.save_pretrained(again)
print(
    json.dumps(
        {
            "config": AutoConfig.from_pretrained(folder).model_type,
            "model": type(model).__name__,
            "missing": sorted(info["missing_keys"]),
            "unexpected": sorted(info["unexpected_keys"]),
            "ids": ids,
            "loss": mean_loss(),
            "greedy": [greedy(prompt) for prompt in given["prompts"]],
            "weights": {name: list(tensor.shape) for name, tensor in weights.items()},
            "special": [tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id],
        }
    )
)
