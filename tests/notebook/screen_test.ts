import { currentScreen, findJupyter, type Jupyter } from "lib/notebook/screen.ts";
import { refuseExit } from "lib/notebook/set_up_notebook.ts";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("findJupyter() finds nothing outside a kernel, where the property throws", () => {
  assertThrows(() => Deno.jupyter, Error, "only available");
  assertEquals(findJupyter(), undefined);
});

Deno.test("currentScreen() hands bundles to the kernel, with the name to replace them by", async () => {
  const calls: unknown[] = [];
  const jupyter: Jupyter = { display: (...args) => Promise.resolve(void calls.push(args)) };
  const screen = currentScreen(jupyter);
  assertEquals(screen.isNotebook, true);
  await screen.show({ "text/plain": "a" });
  await screen.show({ "text/plain": "b" }, { id: "x" });
  await screen.show({ "text/plain": "c" }, { id: "x", isUpdate: true });
  assertEquals(calls, [
    [{ "text/plain": "a" }, { raw: true, update: false }],
    [{ "text/plain": "b" }, { raw: true, update: false, display_id: "x" }],
    [{ "text/plain": "c" }, { raw: true, update: true, display_id: "x" }],
  ]);
});

Deno.test("currentScreen() prints the plain text where no notebook runs", async () => {
  const lines: string[] = [], { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    const screen = currentScreen();
    assertEquals(screen.isNotebook, false);
    await screen.show({ "text/html": "<b>a</b>", "text/plain": "a" }, { id: "x", isUpdate: true });
    screen.print("b");
  } finally {
    console.log = log;
  }
  assertEquals(lines, ["a", "b"]);
});

Deno.test("refuseExit() keeps the kernel alive", () => {
  assertThrows(
    () => refuseExit(3),
    Deno.errors.NotSupported,
    "Cannot exit: expected the notebook's kernel to live on, got Deno.exit(3); throw an error to " +
      "end a cell",
  );
});
