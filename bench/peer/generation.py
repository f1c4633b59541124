"""Sentences that the course's model makes, with the keys and values of former tokens kept."""

import torch

from cached_decoder import generate
from corpus import new_model
from serve import read_spec, serve


def main(spec):
    torch.manual_seed(1)
    model = new_model().eval()
    prompts = torch.tensor(spec["prompts"])

    def unit():
        for part in prompts.split(spec["batchSize"]):
            # As text or list, as a caller wants them: ours gives numbers of JavaScript.
            generate(model, part, spec["newTokens"], spec["temperature"]).tolist()

    serve(unit)


if __name__ == "__main__":
    main(read_spec())
