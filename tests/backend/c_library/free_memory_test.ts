import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertLess } from "@std/assert";
import { compile, useBackend } from "lib/backend/mod.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";

await useBackend({ backend: "tensorflow" });

/** How many kB of a library's code are in memory; a part of a mapping's first line names the file. */
function residentCode(file: string): number {
  const mappings = Deno.readTextFileSync("/proc/self/smaps").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const code = mappings.filter((text) => / r-xp \S+ \S+ \S+ +(\/.*)$/m.exec(text)?.[1] === file);
  assert(code.length > 0, `no code of ${file}`);
  return code.reduce((sum, text) => sum + Number(/^Rss: +(\d+) kB$/m.exec(text)?.[1]), 0);
}

Deno.test({
  name: "compile() by XLA leaves little of the library's code in memory, and the program runs on",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const { files } = tensorFlowBinding().context.library;
    const x = tf.randomNormal([4, 4], 0, 1, "float32", 1);
    const step = compile((x: tf.Tensor) => x.matMul(x).exp().sum(0).tanh());
    const first = step(x), left = residentCode(files.main), second = step(x);
    assertLess(left, 20_000); // and not the 80 MB that its compiler used
    assertEquals(second.dataSync(), first.dataSync());
    tf.dispose([x, first, second]);
  },
});
