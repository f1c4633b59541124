"""Reads a run's embeddings as TensorBoard's Projector does, and prints their size, some numbers and words."""
import json
import os
import sys
import types

# Marks TensorFlow as missing: TensorBoard then reads files by itself, which takes seconds less.
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")

from google.protobuf import text_format
from tensorboard.plugins.projector import metadata, projector_plugin
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

[folder] = sys.argv[1:]
with open(os.path.join(folder, metadata.PROJECTOR_FILENAME)) as file:
    [embedding] = text_format.Parse(file.read(), ProjectorConfig()).embeddings
tensor = projector_plugin._read_tensor_tsv_file(os.path.join(folder, embedding.tensor_path))
with open(os.path.join(folder, embedding.metadata_path)) as file:
    header, *words = file.read().rstrip("\n").split("\n")
print(json.dumps({
    "name": embedding.tensor_name,
    "shape": tensor.shape,
    "row": tensor[4].tolist(),
    "header": header,
    "words": words,
}))
