/**
 * Opens the course in JupyterLab: on this machine only, with a token, all its state in `.jupyter/`.
 *
 *     ./denow task lab                  prints the address to open
 *     ./denow task lab --port 8890      default 8888, or the next one that is free
 *     ./denow task lab --token TEXT     default a new one each time
 *
 * @module
 */
import { readCommandLine, refuse } from "./_command_line.ts";
import { freePort, startLab } from "lib/authoring/mod.ts";
import { onSignal } from "lib/core/mod.ts";

const FIRST_NOTEBOOK = "notebooks/01_data.ipynb";

const { flags, words } = readCommandLine({ port: "string", token: "string" });
if (words.length > 0) refuse(`Cannot start: expected flags only, got "${words.join(" ")}"`);
const port = Number(flags.port ?? freePort(8888));
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  refuse(`Cannot start: expected a free port from 1 to 65535, got ${flags.port ?? "none"}`);
}
const token = String(flags.token ?? crypto.randomUUID().replaceAll("-", ""));

const lab = startLab({ port, token });
for (const name of ["SIGINT", "SIGTERM"] as const) onSignal(name, () => lab.stop());
if (await lab.isReady()) {
  console.log(`\nOpen  ${lab.address(FIRST_NOTEBOOK)}\n\nCtrl-C ends it.`);
}
Deno.exit((await lab.status).code);
