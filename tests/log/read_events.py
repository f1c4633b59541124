"""Prints what TensorBoard reads in each folder: scalars and texts by tag, with their steps and times."""
import json
import math
import sys

from tensorboard.backend.event_processing import event_accumulator


def read(folder):
    # 0 keeps every event; by default a sample is taken.
    everything = {event_accumulator.SCALARS: 0, event_accumulator.TENSORS: 0}
    events = event_accumulator.EventAccumulator(folder, size_guidance=everything)
    events.Reload()
    scalars = {
        tag: [[e.step, e.value if math.isfinite(e.value) else str(e.value), e.wall_time] for e in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }
    texts = {
        tag: [[e.step, e.tensor_proto.string_val[0].decode()] for e in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "text"
    }
    return {"version": events.file_version, "scalars": scalars, "texts": texts}


print(json.dumps([read(folder) for folder in sys.argv[1:]]))
