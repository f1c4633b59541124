"""Matrix products alone: [rows, inner] times [inner, columns]."""

import torch

from serve import read_spec, serve


def main(spec):
    dtype = getattr(torch, spec["precision"])
    a = torch.randn(spec["rows"], spec["inner"]).to(dtype)
    b = torch.randn(spec["inner"], spec["columns"]).to(dtype)

    @torch.inference_mode()
    def unit():
        for _ in range(spec["products"]):
            a @ b

    serve(unit)


if __name__ == "__main__":
    main(read_spec())
