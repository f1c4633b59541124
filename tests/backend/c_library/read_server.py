"""Prints a ServerDef, given in base64, as TensorFlow's own message classes read it."""

import base64
import os
import sys
import types

# The messages alone: the rest of the package takes seconds to load.
python = f"python3.{sys.version_info.minor}"
package = types.ModuleType("tensorflow")
package.__path__ = [os.path.join(sys.prefix, "lib", python, "site-packages", "tensorflow")]
sys.modules["tensorflow"] = package

from google.protobuf import json_format  # noqa: E402
from tensorflow.core.protobuf import tensorflow_server_pb2  # noqa: E402

message = tensorflow_server_pb2.ServerDef.FromString(base64.b64decode(sys.stdin.read()))
print(json_format.MessageToJson(message))
