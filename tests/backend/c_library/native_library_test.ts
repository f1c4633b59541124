import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { findLibrary } from "lib/backend/c_library/find_library.ts";
import {
  assertStatus,
  failureOf,
  openLibrary,
  required,
} from "lib/backend/c_library/native_library.ts";
import { BackendError } from "lib/core/mod.ts";

const library = openLibrary(findLibrary()), { symbols, status } = library;

/** Leaves a failure in the status, as any call may. */
function failingCall(): void {
  const options = symbols.TFE_NewContextOptions(), noProtobuf = Uint8Array.of(0xff);
  symbols.TFE_ContextOptionsSetConfig(options, noProtobuf, 1n, status);
  symbols.TFE_DeleteContextOptions(options);
}

Deno.test("openLibrary() opens TensorFlow and tells its version", () => {
  assertMatch(library.version, /^2\.\d+\.\d+/);
  assertEquals(library.files, findLibrary());
});

Deno.test("failureOf() and assertStatus() give TensorFlow's code and message", () => {
  failingCall();
  assertEquals(failureOf(library), {
    code: "INVALID_ARGUMENT",
    message: "Unparseable ConfigProto",
  });
  const error = assertThrows(
    () => assertStatus(library, "configure TensorFlow"),
    BackendError,
    "Cannot configure TensorFlow: INVALID_ARGUMENT: Unparseable ConfigProto",
  );
  assertEquals(error.code, "INVALID_ARGUMENT");
});

Deno.test("required() refuses null", () => {
  const error = assertThrows(
    () => required(null),
    BackendError,
    "Cannot use TensorFlow: expected an address, got null",
  );
  assertEquals(error.code, "INTERNAL");
});

/** Opens the library in a process of its own, which then writes to stderr itself. */
function stderrOfOpening(level: string): string {
  const code = 'import { findLibrary } from "lib/backend/c_library/find_library.ts";' +
    'import { openLibrary } from "lib/backend/c_library/native_library.ts";' +
    'openLibrary(findLibrary()); console.error("still heard");';
  const { stderr, code: exit } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    // Turned on, oneDNN's kernels are what the library writes of as it is loaded.
    env: { TF_CPP_MIN_LOG_LEVEL: level, TF_ENABLE_ONEDNN_OPTS: "1" },
  }).outputSync();
  assertEquals(exit, 0);
  return new TextDecoder().decode(stderr);
}

Deno.test("openLibrary() keeps the library's notes off stderr, and nothing else", () => {
  assertEquals(stderrOfOpening("2"), "still heard\n");
});

Deno.test({
  name: "openLibrary() lets the library's notes pass where they are asked for",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64", // only these have the note
  fn: () => assertMatch(stderrOfOpening("0"), /oneDNN custom operations are on[^]*still heard\n$/),
});

/** Whether TensorFlow may cut products of float32 to TF32, once our library has opened it. */
function allowsTf32(env: Record<string, string>): boolean {
  const code = 'import { findLibrary } from "lib/backend/c_library/find_library.ts";' +
    'import { openLibrary } from "lib/backend/c_library/native_library.ts";' +
    "const { main } = openLibrary(findLibrary()).files;" +
    'const asks = { _ZN3tsl33tensor_float_32_execution_enabledEv: { parameters: [], result: "bool" } };' +
    "console.log(Object.values(Deno.dlopen(main, asks).symbols)[0]()); Deno.exit(0);";
  const { stdout, code: exit } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    env,
  }).outputSync();
  assertEquals(exit, 0);
  return new TextDecoder().decode(stdout).trim() === "true";
}

Deno.test({
  name: "openLibrary() keeps the digits of float32 products, unless the user allows TF32",
  ignore: Deno.build.os !== "linux", // only there are NVIDIA's GPUs used
  fn: () => {
    assertEquals(allowsTf32({ NVIDIA_TF32_OVERRIDE: "0" }), false);
    assertEquals(allowsTf32({ NVIDIA_TF32_OVERRIDE: "1" }), true);
  },
});
