import { jupyterCommand } from "lib/authoring/jupyter.ts";
import { ROOT } from "lib/authoring/sources.ts";
import { assertEquals } from "@std/assert";

Deno.test("jupyterCommand() keeps all of Jupyter's state in the checkout", async () => {
  for (const kind of ["config", "data", "runtime"]) {
    const command = jupyterCommand("jupyter", { args: [`--${kind}-dir`] });
    const { code, stdout, stderr } = await command.output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(new TextDecoder().decode(stdout).trim(), `${ROOT}/.jupyter/${kind}`);
  }
});
