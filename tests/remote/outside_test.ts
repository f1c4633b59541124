import * as tf from "@tensorflow/tfjs";
import { fileURLToPath } from "node:url";
import { useBackend } from "lib/backend/mod.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { functionsOutside } from "lib/remote/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";

Deno.test("functionsOutside() calls what serveModules() has: callbacks, generators, errors, async functions, tensors", async () => {
  await useBackend({ onNotice: () => {} });
  const folder = temporaryFolder(), calls = `${folder}/calls`, results = `${folder}/results`;
  await new Deno.Command("mkfifo", { args: [calls, results] }).output();
  const script = fileURLToPath(new URL("serving_modules.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", `${ROOT}/deno.json`, script, calls, results],
  }).spawn();
  const outside = functionsOutside({ calls, results }), module = "made.ts";
  // Any function can be called; what it takes is its own business.
  const call = (name: string, ...args: unknown[]) => outside({ module, name })(...args as never[]);
  assertEquals(call("map", [1, 2], (x: number) => 2 * x), [2, 4]);
  assertEquals([...call("count", 3) as Iterable<unknown>], [{ i: 0 }, { i: 1 }, { i: 2 }]);
  assertThrows(() => call("refuse"), RangeError, "too far");
  assertThrows(() => call("constructor"), RangeError, "expected a function of the module");
  assertThrows(() => call("inner.toString"), RangeError, "expected a function of the module");
  const later = outside({ module, name: "later", isAsync: true });
  // A signal cannot be sent, and is left out.
  assertEquals(await later(...[4, new AbortController().signal] as never[]), 5);
  await assertRejects(
    async () => await outside({ module: "other.ts", name: "map", isAsync: true })(),
    RangeError,
  );
  const squares = outside({ module, name: "inner.squares", isTraced: true });
  const sumOf = (x: tf.Tensor) => (squares(...[x] as never[]) as { sum: tf.Scalar }).sum;
  const x = tf.tensor1d([1, 3]);
  assertEquals([...sumOf(x).dataSync()], [10]);
  assertEquals([...tf.grad(sumOf)(x).dataSync()], [2, 6]);
  child.kill();
  await child.status;
});
