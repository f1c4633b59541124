/**
 * Shows the curves of all runs in the browser, at http://127.0.0.1:6006:
 *
 *     ./denow task tensorboard
 *     ./denow task tensorboard --port 6007    this and others are TensorBoard's own flags
 *
 * @module
 */
import { ROOT } from "lib/authoring/mod.ts";
import { onSignal, programPath } from "lib/core/mod.ts";

const child = new Deno.Command(programPath(`${ROOT}/.venv`, "tensorboard"), {
  args: ["--logdir", `${ROOT}/runs`, "--host", "127.0.0.1", ...Deno.args],
}).spawn();
for (const name of ["SIGINT", "SIGTERM"] as const) onSignal(name, () => child.kill("SIGTERM"));
Deno.exit((await child.status).code);
