import { assertEquals } from "@std/assert";
import { placeIn } from "lib/backend/compiler/place.ts";

/** A stack with these frames, the innermost first. */
const stackOf = (...frames: string[]) =>
  ["Error", ...frames.map((frame) => `    at ${frame}`)].join("\n");

Deno.test("placeIn() passes over packages, in node_modules and in Deno's own cache, on each system", () => {
  const mine = "file:///course/step.ts:12:5";
  const packages = [
    "Tensor.dataSync (file:///toy/node_modules/.deno/a@1.0.0/node_modules/a/core.js:1:2)",
    "Tensor.dataSync (file:///cache/npm/registry.example.org/@scope/a/4.22.0/core.js:1:2)",
    "file:///C:/users/a/AppData/Local/deno/npm/registry.example.org/a/1.0.0/core.js:1:2",
    "async node:internal/process:1:2",
  ];
  for (const one of packages) {
    assertEquals(placeIn(stackOf(one, `wrong (${mine})`)), ` at ${mine}`);
    assertEquals(placeIn(stackOf(one)), "");
  }
});

Deno.test("placeIn() takes a folder of one's own that is called npm", () => {
  const mine = "file:///npm/course/step.ts:3:1";
  assertEquals(placeIn(stackOf(`async step (${mine})`)), ` at ${mine}`);
});
