import { jupyterCommand, ROOT } from "lib/authoring/mod.ts";
import { assertEquals } from "@std/assert";

Deno.test("jupyterCommand() runs a program of .venv, which keeps its state in the checkout", async () => {
  const command = jupyterCommand("python", {
    args: ["-c", "import os; print(os.environ['JUPYTER_DATA_DIR'], os.environ['NO_COLOR'])"],
  });
  const { stdout } = await command.output();
  assertEquals(new TextDecoder().decode(stdout), `${ROOT}/.jupyter/data 1\n`);
});
