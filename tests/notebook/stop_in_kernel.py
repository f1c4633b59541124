"""Trains in a real kernel, presses Stop after some steps, and prints the seconds until the cell ends.

Arguments: the checkout, and how often to try. Standard output: a JSON list of [seconds, output].
"""

import json
import os
import sys
import time

from jupyter_client.manager import KernelManager

ROOT, TRIES = sys.argv[1], int(sys.argv[2])
os.environ["JUPYTER_PATH"] = f"{ROOT}/.venv/share/jupyter"
SETUP = """import { setUpNotebook, trainInNotebook } from "lib/notebook/mod.ts";
import { createRun, runConfig } from "lib/train/mod.ts";
await setUpNotebook();
const run = createRun(runConfig({ train: { samples: 0 } }));"""


def run_cell(client, code, on_message=lambda kind, content: None):
    cell = client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != cell:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "error":
            sys.exit(content["evalue"])
        on_message(kind, content)
        if kind == "status" and content["execution_state"] == "idle":
            return


def stop_once(manager, client):
    shown, pressed, texts = 0, 0.0, []

    def on_message(kind, content):
        nonlocal shown, pressed
        if kind == "stream":
            texts.append(content["text"])
        shown += kind in ("display_data", "update_display_data")
        if shown >= 4 and pressed == 0:
            pressed = time.monotonic()
            manager.interrupt_kernel()

    run_cell(client, "await trainInNotebook(run)", on_message)
    seconds = time.monotonic() - pressed
    time.sleep(1.2)  # a run that starts sooner after Stop is refused
    return [seconds, "".join(texts)]


manager = KernelManager(kernel_name="deno")  # as denow has installed it
manager.start_kernel(cwd=ROOT, stderr=sys.stderr)
try:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(60)
    run_cell(client, SETUP)
    print(json.dumps([stop_once(manager, client) for _ in range(TRIES)]))
finally:
    manager.shutdown_kernel(now=True)
