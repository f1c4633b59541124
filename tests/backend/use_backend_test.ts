import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { findLibrary } from "lib/backend/c_library/find_library.ts";
import { type BackendInfo, type BackendOptions, useBackend } from "lib/backend/mod.ts";
import { BackendError } from "lib/core/mod.ts";
import { runCode } from "../support/code_process.ts";

const info = await useBackend();

/** An existing folder without TensorFlow's library. */
const WITHOUT_TENSORFLOW = { TF_DIR: fileURLToPath(new URL(".", import.meta.url)) };

Deno.test("useBackend() opens TensorFlow and says what it is", () => {
  assertEquals([info.name, tf.getBackend()], ["tensorflow", "tensorflow"]);
  assertMatch(info.version, /^2\.\d+\.\d+/);
  assertEquals(info.library, findLibrary().main);
  assertEquals(info.isGpu, info.device.startsWith("/device:GPU:"));
  const threads = Deno.env.get("TF_NUM_INTRAOP_THREADS") ?? navigator.hardwareConcurrency;
  assertEquals([info.threads, info.notices], [Number(threads), []]);
});

Deno.test("useBackend() gives the same answer to each later call that asks for the same", async () => {
  assertEquals(await useBackend(), info);
  const device = info.isGpu ? "gpu" : "cpu";
  assertEquals(await useBackend({ backend: "tensorflow", device, threads: info.threads }), info);
});

Deno.test("useBackend() refuses a later call that asks for something else", async () => {
  const made = "which this process chose before\nCure: call useBackend() once";
  const error = await assertRejects(
    () => useBackend({ backend: "wasm" }),
    BackendError,
    `Cannot use backend "wasm": expected "tensorflow", ${made}`,
  );
  assertEquals(error.code, "FAILED_PRECONDITION");
  const threads = info.threads + 1;
  await assertRejects(
    () => useBackend({ threads }),
    BackendError,
    `Cannot use threads ${threads}: expected ${info.threads}, ${made}`,
  );
  const device = info.isGpu ? "cpu" : "gpu";
  await assertRejects(() => useBackend({ device }), BackendError, `Cannot use device "${device}"`);
});

Deno.test("useBackend() refuses settings that do not exist or do not go together", async () => {
  const refused: [unknown, string][] = [
    [
      { backend: "torch" },
      'expected backend to be one of tensorflow, webgpu, wasm, cpu, got "torch"',
    ],
    [{ device: "tpu" }, 'expected device to be one of gpu, cpu, got "tpu"'],
    ...[0, 1.5, NaN, 1025, 2 ** 32 + 1, 2 ** 53 - 1, Infinity].map((threads): [unknown, string] => [
      { threads },
      `expected threads to be an integer from 1 to 1024, got ${threads}`,
    ]),
    [
      { backend: "wasm", threads: 2 },
      'Cannot use the backend "wasm": expected device and threads for "tensorflow" only, got 2',
    ],
    [{ backend: "cpu", device: "gpu" }, 'for "tensorflow" only, got "gpu"'],
  ];
  for (const [options, message] of refused) {
    // The types forbid these options; a configuration file may hold them.
    await assertRejects(() => useBackend(options as BackendOptions), RangeError, message);
  }
});

Deno.test("useBackend() goes on without TensorFlow, with one notice that has the cure", async () => {
  const { exitCode, stdout, stderr } = await runCode(
    `
    import * as tf from "@tensorflow/tfjs";
    import { handleCount, useBackend } from "lib/backend/mod.ts";
    const lines = [];
    const info = await useBackend({ threads: 2, onNotice: (line) => lines.push(line) });
    const again = await useBackend({ threads: 2, onNotice: (line) => lines.push(line) });
    const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).arraySync();
    const handles = handleCount();
    console.log(JSON.stringify({ info, isSame: info === again, lines, product, handles }));
    `,
    { env: WITHOUT_TENSORFLOW },
  );
  assertEquals([exitCode, stderr], [0, ""]);
  const { info, isSame, lines, product, handles } = JSON.parse(stdout);
  const { name, notices }: BackendInfo = info;
  assert(name === "webgpu" || name === "wasm"); // WebGPU where the machine has an adapter
  assertEquals([isSame, handles, product], [true, 0, [[3, 3], [3, 3]]]);
  assertEquals([lines.length, notices], [1, lines]);
  assertStringIncludes(lines[0], `"${name}" does the work`);
  assertStringIncludes(lines[0], "Cure: start through ./denow");
  assertEquals(lines[0].includes("\n"), false);
});

Deno.test("useBackend() writes its notice to the standard error by default", async () => {
  const { exitCode, stdout, stderr } = await runCode(
    'import { useBackend } from "lib/backend/mod.ts"; await useBackend();',
    { env: WITHOUT_TENSORFLOW },
  );
  assertEquals([exitCode, stdout], [0, ""]);
  assertMatch(stderr, /^TensorFlow's library is not used \(Cannot find TensorFlow: .*\n$/);
});

Deno.test("useBackend() throws where TensorFlow was asked for and is missing, and can be asked again", async () => {
  const { exitCode, stdout, stderr } = await runCode(
    `
    import { useBackend } from "lib/backend/mod.ts";
    import { tensorFlowBinding } from "lib/backend/use_backend.ts";
    const said = [];
    for (const options of [{ backend: "tensorflow" }, { device: "cpu" }]) {
      await useBackend(options).catch((error) => said.push(error.name, error.code));
    }
    try { tensorFlowBinding(); } catch (error) { said.push(error.message); }
    const { name, library, device, notices } = await useBackend({ backend: "cpu" });
    console.log(JSON.stringify([said, name, library, device, notices]));
    `,
    { env: WITHOUT_TENSORFLOW },
  );
  assertEquals([exitCode, stderr], [0, ""]);
  const missing = ["BackendError", "UNAVAILABLE"];
  const unreachable =
    "Cannot reach TensorFlow: expected it to be in use\nCure: await useBackend() first";
  assertEquals(JSON.parse(stdout), [
    [...missing, ...missing, unreachable],
    "cpu",
    "@tensorflow/tfjs-backend-cpu",
    "JavaScript",
    [],
  ]);
});

Deno.test("useBackend() names every backend that could not be started", async () => {
  const { exitCode, stdout } = await runCode(
    `
    import * as tf from "@tensorflow/tfjs";
    import { useBackend } from "lib/backend/mod.ts";
    tf.removeBackend("cpu");
    for (const name of ["webgpu", "wasm", "cpu"]) {
      tf.registerBackend(name, () => { throw new Error("broken"); });
    }
    for (const options of [{ backend: "cpu" }, {}]) {
      await useBackend(options).catch(({ code, message }) => console.log(code, message));
    }
    `,
    { env: WITHOUT_TENSORFLOW },
  );
  assertEquals(exitCode, 0);
  const refusal = (name: string) =>
    `Cannot use the backend "${name}": expected TensorFlow.js to start it, got a refusal`;
  assertStringIncludes(stdout, `UNAVAILABLE ${refusal("cpu")}\n`);
  assertStringIncludes(stdout, "UNAVAILABLE Cannot use any backend: ");
  for (const name of ["wasm", "cpu"]) assertStringIncludes(stdout, `${name}: ${refusal(name)}`);
});

Deno.test("useBackend() gives WebGPU to those who ask for it, with the same seeded numbers", async () => {
  const { exitCode, stdout } = await runCode(`
    import * as tf from "@tensorflow/tfjs";
    import { philoxUniform, useBackend } from "lib/backend/mod.ts";
    if (!await navigator.gpu?.requestAdapter()) {
      await useBackend({ backend: "webgpu" }).catch((error) => console.log(error.message));
    } else {
      const { name, library } = await useBackend({ backend: "webgpu" });
      const seed = tf.tensor1d([7, -9], "int32");
      const uniform = tf.engine().runKernel("SeededUniform", { seed }, { shape: [5], stream: 3 });
      const values = await uniform.data();
      const expected = philoxUniform([7, -9], { size: 5, stream: 3 });
      console.log(name, library, values.every((value, index) => value === expected[index]));
    }
  `);
  assertEquals(exitCode, 0);
  assertMatch(
    stdout,
    /^(webgpu @tensorflow\/tfjs-backend-webgpu true|Cannot use the backend "webgpu": expected a graphics adapter, got none\nCure: .*)\n$/,
  );
});

Deno.test("useBackend() says that a file of that name is no library, with the cure", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const name = findLibrary().main.split("/").at(-1);
    await Deno.writeTextFile(`${folder}/${name}`, "no library");
    const { stdout } = await runCode(
      `
      import { useBackend } from "lib/backend/mod.ts";
      await useBackend({ backend: "tensorflow" }).catch((error) => console.log(error.message));
      `,
      { env: { TF_DIR: folder } },
    );
    assertStringIncludes(stdout, `expected a library for this system in ${folder}, got "`);
    assertStringIncludes(stdout, "Cure: install tensorflow-cpu 2.21 again");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("useBackend() uses the device and the threads asked for", async () => {
  const { exitCode, stdout } = await runCode(`
    import * as tf from "@tensorflow/tfjs";
    import { useBackend } from "lib/backend/mod.ts";
    const refusal = await useBackend({ device: "gpu" }).catch((error) => error.message);
    const { device, threads, isGpu } = await useBackend({ device: "cpu", threads: 1 });
    console.log(JSON.stringify([typeof refusal === "string" ? refusal : "", device, threads, isGpu]));
  `);
  // Where there is a GPU, the first call succeeds and the second one is refused.
  if (info.isGpu) return assertEquals(exitCode, 1);
  const [refusal, ...rest] = JSON.parse(stdout);
  assertEquals([exitCode, ...rest], [0, "/device:CPU:0", 1, false]);
  assertStringIncludes(
    refusal,
    "Cannot use a GPU: expected TensorFlow to find one, got /device:CPU:0\nCure: ./denow task setup --gpu installs",
  );
});

Deno.test("importing lib/backend opens no library", async () => {
  const { stdout } = await runCode(`
    await import("lib/backend/mod.ts");
    const maps = Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/self/maps") : "";
    console.log(maps.includes("tensorflow_cc"));
  `);
  assertEquals(stdout, "false\n");
});

// A process that opens TensorFlow used to crash at its end, now and then: so each end three times.
for (
  const [end, code, expected] of [
    ["at its natural end", "", 0],
    ["by an error", 'throw new Error("stopped");', 1],
    ["by Deno.exit(3)", "Deno.exit(3);", 3],
  ] as const
) {
  Deno.test(`a process that opened TensorFlow ends ${end} with exit code ${expected}`, async () => {
    const process = () =>
      runCode(`
        import { findLibrary } from "lib/backend/c_library/find_library.ts";
        import { createContext } from "lib/backend/c_library/native_context.ts";
        import { openLibrary } from "lib/backend/c_library/native_library.ts";
        createContext(openLibrary(findLibrary()));
        ${code}
      `);
    const ends = await Promise.all([process(), process(), process()]);
    assertEquals(ends.map(({ exitCode }) => exitCode), [expected, expected, expected]);
  });
}

Deno.test("opening TensorFlow writes nothing to the standard error", async () => {
  const { exitCode, stderr } = await runCode(`
    import { useBackend } from "lib/backend/mod.ts";
    await useBackend({ backend: "tensorflow" });
  `);
  assertEquals([exitCode, stderr], [0, ""]);
});
