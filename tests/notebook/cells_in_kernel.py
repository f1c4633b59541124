"""Executes cells in a kernel as a program of another Python environment does, such as papermill.

Arguments: the checkout, the notebook's folder. Standard input: a JSON list of cells. Standard output: a
JSON list of what each put out, as [kind, text]. Reading stops where a cell is said to have ended, as
front ends do.
"""

import json
import os
import sys

ROOT, FOLDER = sys.argv[1], sys.argv[2]
# Another environment: its own prefix, where no kernel lies, and no Deno on its path.
sys.prefix = sys.exec_prefix = "/nowhere"
os.environ["PATH"] = "/usr/bin:/bin"
os.environ["JUPYTER_PATH"] = f"{ROOT}/.venv/share/jupyter"

from jupyter_client.manager import KernelManager  # noqa: E402  after the environment is set


def run_cell(client, code):
    cell, outputs = client.execute(code), []
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != cell:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            outputs.append([content["name"], content["text"]])
        elif kind == "error":
            outputs.append(["error", content["evalue"]])
        elif kind == "status" and content["execution_state"] == "idle":
            return outputs


manager = KernelManager(kernel_name="deno")
manager.start_kernel(cwd=FOLDER, stderr=sys.stderr)
try:
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(60)
    print(json.dumps([run_cell(client, cell) for cell in json.load(sys.stdin)]))
finally:
    manager.shutdown_kernel(now=True)
