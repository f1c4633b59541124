/**
 * Adds an extra to `.venv`.
 *
 *     ./denow task setup --grading     nbgrader, for its gradebook and its feedback
 *
 * @module
 */
import { print, readCommandLine, refuse, runMain } from "./_command_line.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { programPath } from "lib/core/mod.ts";

await runMain(async () => {
  const { flags, words } = readCommandLine({ grading: "boolean" });
  if (flags.grading !== true || words.length > 0) {
    refuse("Cannot set up: expected an extra, as in ./denow task setup --grading");
  }
  const { code } = await new Deno.Command(programPath(`${ROOT}/.venv`, "python"), {
    args: [
      ...["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-deps"],
      ...["--disable-pip-version-check", "--quiet", "-r", `${ROOT}/requirements-grading.txt`],
    ],
  }).output();
  if (code === 0) print("nbgrader is in .venv; next: ./denow task nbgrader");
  else {print(
      "Cannot set up the extra: see pip's message above; it needs Python 3.11 and the network",
    );}
  return code === 0 ? 0 : 1;
});
