import { assertEquals, assertMatch } from "@std/assert";
import { speedAdvice, type SpeedFacts } from "lib/backend/doctor/advice.ts";

const GPU = { name: "NVIDIA Test", computeCapability: "9.0", memoryBytes: 16e9 };

/** A large processor that has everything, and nothing else to do. */
const BEST: SpeedFacts = {
  info: { name: "tensorflow", isGpu: false, threads: 16 },
  driver: undefined,
  cores: 16,
  instructions: new Set(["avx", "avx2", "avx512f"]),
  load: 1,
};

Deno.test("speedAdvice() has none where nothing is known to help", () => {
  assertEquals(speedAdvice(BEST), []);
  assertEquals(speedAdvice({ ...BEST, instructions: new Set() }), []);
  assertEquals(speedAdvice({ ...BEST, instructions: new Set(["asimd"]) }), []);
});

Deno.test("speedAdvice() offers the set-up of a GPU that is idle, first of all", () => {
  const driver = { cudaVersion: "12.9", gpus: [GPU] };
  const [first = ""] = speedAdvice({ ...BEST, driver, load: 99 });
  assertMatch(first, /^\.\/denow task setup --gpu makes use of the NVIDIA Test/);
  const info = { name: "tensorflow", isGpu: true, threads: 2 } as const;
  assertEquals(
    speedAdvice({ ...BEST, driver, info, cores: 2, instructions: new Set(["avx2"]) }),
    [],
  );
});

Deno.test("speedAdvice() names what each thing that is short would bring", () => {
  const few = { name: "tensorflow", isGpu: false, threads: 2 } as const;
  assertEquals(speedAdvice({ ...BEST, info: few }), ["16 threads, one a core, in place of 2"]);
  assertEquals(speedAdvice({ ...BEST, load: 40 }), [
    "an idle machine: 40.0 processes share its 16 cores now",
  ]);
  const wasm = { name: "wasm", isGpu: false, threads: 1 } as const;
  assertEquals(speedAdvice({ ...BEST, info: wasm }), [
    "TensorFlow's library: start through ./denow",
  ]);
  assertMatch(speedAdvice({ ...BEST, instructions: new Set(["avx2"]) })[0] ?? "", /AVX-512/);
  assertMatch(
    speedAdvice({ ...BEST, info: few, cores: 2 })[0] ?? "",
    /^more cores, or a GPU/,
  );
});
