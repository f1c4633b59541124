"""Prints what TensorBoard reads in each folder: all that its plug-ins show, by tag, with steps and times.

After --without-tensorflow, TensorBoard reads the files by itself, which takes seconds less.
"""
import json
import math
import sys
import types

if sys.argv[1] == "--without-tensorflow":
    sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
    del sys.argv[1]

from google.protobuf.json_format import MessageToDict
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.hparams import metadata


def read_texts(folder):
    # The one that TensorBoard's own server uses: it alone drops texts too where a run was resumed.
    events = plugin_event_accumulator.EventAccumulator(folder, tensor_size_guidance={"text": 0})
    events.Reload()
    return {
        tag: [[e.step, e.tensor_proto.string_val[0].decode()] for e in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "text"
    }


def read_hparams(events, tags):
    found = {}
    for tag in tags:
        data = events.SummaryMetadata(tag).plugin_data
        if tag == metadata.SESSION_START_INFO_TAG:
            info = metadata.parse_session_start_info_plugin_data(data.content)
            found["settings"] = {name: MessageToDict(value) for name, value in info.hparams.items()}
            found["started"] = info.start_time_secs
        elif tag == metadata.SESSION_END_INFO_TAG:
            info = metadata.parse_session_end_info_plugin_data(data.content)
            found["status"], found["ended"] = info.status, info.end_time_secs
    return found


def read_layout(events, tags):
    tag = "custom_scalars__config__"
    if tag not in tags:
        return None
    layout = layout_pb2.Layout.FromString(events.Tensors(tag)[-1].tensor_proto.string_val[0])
    return MessageToDict(layout)


def read_histograms(events, tag):
    return [
        [e.step, e.histogram_value.min, e.histogram_value.max, e.histogram_value.num, e.histogram_value.sum,
         list(e.histogram_value.bucket_limit), list(e.histogram_value.bucket)]
        for e in events.Histograms(tag)
    ]


def read(folder):
    # 0 keeps every event; by default a sample is taken.
    kinds = ["SCALARS", "TENSORS", "IMAGES", "HISTOGRAMS"]
    everything = {getattr(event_accumulator, kind): 0 for kind in kinds}
    events = event_accumulator.EventAccumulator(folder, size_guidance=everything)
    events.Reload()
    tags = events.Tags()
    scalars = {
        tag: [[e.step, e.value if math.isfinite(e.value) else str(e.value), e.wall_time] for e in events.Scalars(tag)]
        for tag in tags["scalars"]
    }
    return {
        "version": events.file_version,
        "scalars": scalars,
        "texts": read_texts(folder),
        "hparams": read_hparams(events, tags["tensors"]),
        "layout": read_layout(events, tags["tensors"]),
        "images": {
            tag: [[e.step, e.width, e.height, len(e.encoded_image_string)] for e in events.Images(tag)]
            for tag in tags["images"]
        },
        "histograms": {tag: read_histograms(events, tag) for tag in tags["histograms"]},
    }


print(json.dumps([read(folder) for folder in sys.argv[1:]]))
