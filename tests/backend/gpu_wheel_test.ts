import { basename } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { findLibrary } from "lib/backend/c_library/find_library.ts";
import { runCode } from "../support/code_process.ts";

const { main, framework } = findLibrary();

/** This TensorFlow in a `site-packages` where NVIDIA's libraries seem to lie beside it. */
class FakePackages implements Disposable {
  readonly path = Deno.makeTempDirSync();
  readonly tensorflow = `${this.path}/tensorflow`;
  constructor() {
    Deno.mkdirSync(this.tensorflow);
    for (const file of [main, framework]) {
      if (file !== null) Deno.symlinkSync(file, `${this.tensorflow}/${basename(file)}`);
    }
    for (
      const [folder, file] of [["cuda_runtime/lib", "libcudart.so.12"], ["cuda_nvcc/bin", "ptxas"]]
    ) {
      Deno.mkdirSync(`${this.path}/nvidia/${folder}`, { recursive: true });
      Deno.writeTextFileSync(`${this.path}/nvidia/${folder}/${file}`, "no library");
    }
  }
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

const PROGRAM = `
import * as tf from "@tensorflow/tfjs";
import { compile, useBackend } from "lib/backend/mod.ts";
const { name, isGpu, notices } = await useBackend();
const step = compile(({ x }) => ({ y: x.matMul(x) }), { name: "square" });
const { y } = step({ x: tf.tensor2d([[1, 2], [3, 4]]) }); // XLA reads its flags
console.log(JSON.stringify([name, isGpu, notices, [...y.dataSync()], Deno.env.get("XLA_FLAGS")]));
`;

Deno.test({
  name:
    "useBackend() goes on with the CPU where a GPU's libraries are of no use, and says why in one line",
  ignore: Deno.build.os !== "linux", // the set for GPUs is for Linux
  fn: async () => {
    using packages = new FakePackages();
    const env = { TF_DIR: packages.tensorflow };
    const { exitCode, stdout, stderr } = await runCode(PROGRAM, { env });
    assertEquals(exitCode, 0, stderr);
    const [name, isGpu, notices, product, flags] = JSON.parse(stdout);
    assertEquals([name, isGpu, product], ["tensorflow", false, [7, 10, 15, 22]]);
    assertEquals(flags, `--xla_gpu_cuda_data_dir=${packages.path}/nvidia/cuda_nvcc`);
    assertEquals(stderr, `${notices.join("\n")}\n`);
    // Without a driver that is the reason; with one, the libraries that are missing.
    assertMatch(stderr, /^The CPU does the work, not a GPU: [^\n]+\. Cure: [^\n]+\n$/);
  },
});

Deno.test({
  name: "useBackend() says nothing of a GPU where none is wanted",
  ignore: Deno.build.os !== "linux", // the set for GPUs is for Linux
  fn: async () => {
    using packages = new FakePackages();
    const env = { TF_DIR: packages.tensorflow };
    const hidden = await runCode(PROGRAM, { env: { ...env, CUDA_VISIBLE_DEVICES: "" } });
    assertEquals([hidden.exitCode, hidden.stderr], [0, ""]);
    const onCpu = PROGRAM.replace("useBackend()", 'useBackend({ device: "cpu" })');
    const asked = await runCode(onCpu, { env });
    assertEquals([asked.exitCode, asked.stderr], [0, ""]);
    assertEquals(JSON.parse(asked.stdout)[2], []);
  },
});
