"""The official safetensors reader and writer, for the tests beside this file.

safetensors_judge.py inspect FILE          prints the tensors and metadata of a file
safetensors_judge.py judge FILE            judges many files packed into one: per file "refused", or its tensors
safetensors_judge.py write FILE            reads JSON from stdin: metadata, and tensors with their bytes in hexadecimal
"""
import ctypes
import hashlib
import json
import struct
import sys

import safetensors
from safetensors import _safetensors_rust as official

# The names that the official Python writer has for the dtypes of the format.
NAMES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "F8_E5M2": "float8_e5m2", "F8_E4M3": "float8_e4m3fn",
    "F8_E8M0": "float8_e8m0fnu", "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "I16": "int16", "U16": "uint16", "F16": "float16", "BF16": "bfloat16", "I32": "int32", "U32": "uint32",
    "F32": "float32", "C64": "complex64", "F64": "float64", "I64": "int64", "U64": "uint64",
}


def tensors(content):
    listed = [[name, t["dtype"], t["shape"], bytes(t["data"]).hex()] for name, t in official.deserialize(content)]
    return sorted(listed)


def inspect(path):
    with safetensors.safe_open(path, framework="numpy") as opened:
        metadata = opened.metadata()
    with open(path, "rb") as file:
        content = file.read()
    (header_size,) = struct.unpack("<Q", content[:8])
    data_sha256 = hashlib.sha256(content[8 + header_size:]).hexdigest()
    return {"metadata": metadata, "tensors": tensors(content), "dataSha256": data_sha256}


def judge(path):
    with open(path, "rb") as file:
        packed = file.read()
    verdicts, at = [], 0
    while at < len(packed):
        (size,) = struct.unpack("<I", packed[at:at + 4])
        try:
            verdicts.append(tensors(packed[at + 4:at + 4 + size]))
        except safetensors.SafetensorError:
            verdicts.append("refused")
        at += 4 + size
    return verdicts


def write(path):
    wanted, buffers, specs = json.load(sys.stdin), [], {}
    for name, dtype, shape, data in wanted["tensors"]:
        content = bytes.fromhex(data)
        buffers.append(ctypes.create_string_buffer(content, max(1, len(content))))
        specs[name] = official.TensorSpec(
            dtype=NAMES[dtype], shape=shape, data_ptr=ctypes.addressof(buffers[-1]), data_len=len(content))
    with open(path, "wb") as file:
        file.write(official.serialize(specs, metadata=wanted["metadata"]))


print(json.dumps({"inspect": inspect, "judge": judge, "write": write}[sys.argv[1]](sys.argv[2])))
