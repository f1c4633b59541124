import { findFailure } from "lib/authoring/execute.ts";
import { toNotebook } from "lib/authoring/ipynb.ts";
import { parsePercent } from "lib/authoring/percent.ts";
import { assertEquals } from "@std/assert";

Deno.test("findFailure() reads the cell and the message out of nbclient's report", () => {
  const source = '// %% id="a"\nconst x = 1;\n// %% id="b"\nf();\ng();\n';
  const notebook = toNotebook(parsePercent(source, "a.ts"), "solution");
  const report = `Traceback (most recent call last):
  ...
nbclient.exceptions.CellExecutionError: An error occurred while executing the following cell:
------------------
f();
g();
------------------

----- stdout -----
printed before
------------------

\x1b[0;31mRangeError\x1b[0m: Cannot split: expected 2, got 1
    at f (<anonymous>:1:1)
`;
  const failure = findFailure(report, notebook);
  assertEquals(failure, { cell: "b", message: "RangeError: Cannot split: expected 2, got 1" });
  assertEquals(findFailure("DeadKernelError: Kernel died", notebook), {
    cell: null,
    message: "expected the kernel to live, got its death",
  });
  assertEquals(findFailure("line 1\nlast line\n", undefined), { cell: null, message: "last line" });
});
