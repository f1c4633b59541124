"""Writes a safetensors file with a tensor of each element type; prints the values that NumPy sees, as float32 or int.

write_element_types.py FILE
"""
import json
import sys

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

patterns = np.arange(2 ** 16, dtype=np.uint16)
tensors = {
    "f16": patterns.view(np.float16),
    "bf16": patterns.view(ml_dtypes.bfloat16),
    "f64": np.array([0.1, -1 / 3, 1e-50, 3.4028235e38, np.pi], dtype=np.float64),
    "i64": np.array([0, -1, 2 ** 31 - 1, -2 ** 31], dtype=np.int64),
    "i32": np.array([[7, -8], [9, 2 ** 31 - 1]], dtype=np.int32),
    "i16": patterns.view(np.int16),
    "i8": np.arange(2 ** 8, dtype=np.uint8).view(np.int8),
    "u64": np.array([0, 2 ** 31 - 1], dtype=np.uint64),
    "u32": np.array([0, 2 ** 31 - 1], dtype=np.uint32),
    "u16": patterns,
    "u8": np.arange(2 ** 8, dtype=np.uint8),
    "bool": np.array([True, False, True]),
    "scalar": np.array(1.5, dtype=np.float16),
    "empty": np.zeros([0, 3], dtype=np.int64),
}
save_file(tensors, sys.argv[1])


def shown(value):
    number = float(np.float32(value))
    return number if np.isfinite(number) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(number)]


print(json.dumps({name: [shown(value) for value in array.ravel()] if array.dtype.kind not in "iub"
                  else [int(value) for value in array.ravel()] for name, array in tensors.items()}))
