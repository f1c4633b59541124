import { assertEquals } from "@std/assert";
import { NativeTensors } from "lib/backend/c_library/native_tensors.ts";
import { useBackend } from "lib/backend/mod.ts";
import { createRun, runConfig, train } from "lib/train/mod.ts";

await useBackend({ backend: "tensorflow" });

/** Ends the step as soon as its stack is known. */
class Found extends Error {}

/** The stack of the first product that a step of training comes to, from the loop inwards. */
async function stackOfProduct(): Promise<string[]> {
  const { executeOp } = NativeTensors.prototype, { stackTraceLimit } = Error;
  Error.stackTraceLimit = 200;
  NativeTensors.prototype.executeOp = function (this: NativeTensors, name, ...rest) {
    const here = new Found(), isProduct = name.includes("MatMul");
    if (isProduct && here.stack?.includes("computeGradients")) throw here;
    return executeOp.call(this, name, ...rest);
  };
  const run = createRun(runConfig({
    train: { epochs: 1, warmup: 1, batchSize: 8 },
    data: { examples: 60 },
    model: { layers: 1 },
    compute: { compile: "off" },
  }));
  try {
    for await (const { kind } of train(run)) if (kind === "step") break;
    return [];
  } catch (error) {
    if (error instanceof Found) return error.stack?.split("\n").reverse() ?? [];
    throw error;
  } finally {
    NativeTensors.prototype.executeOp = executeOp;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

Deno.test("ARCHITECTURE.md names every file of lib from the loop to TensorFlow, in order", async () => {
  const text = Deno.readTextFileSync(new URL("../../ARCHITECTURE.md", import.meta.url));
  const section = text.slice(
    text.indexOf("## From a line of the loop"),
    text.indexOf("\n## ", text.indexOf("## From a line of the loop")),
  );
  const named = [...section.matchAll(/^\| `(lib\/[\w/]+\.ts)` /gm)].map(([, file]) => file);
  const met = (await stackOfProduct()).flatMap((line) =>
    /(lib\/[\w/]+\.ts):\d+/.exec(line)?.[1] ?? []
  );
  // The stand-in for executeOp is of this file: it takes the last one's place.
  const files = [...met, "lib/backend/c_library/native_tensors.ts"];
  assertEquals(files.filter((file, place) => file !== files[place - 1]), named);
});
