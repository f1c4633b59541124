import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  assertStatus,
  cString,
  failureOf,
  findLibrary,
  openLibrary,
  readCString,
  required,
} from "lib/backend/mod.ts";
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

Deno.test("cString() and readCString() keep text of any alphabet, and null is empty", () => {
  for (const text of ["", "MatMul", "žluť 狐"]) {
    const bytes = cString(text);
    assertEquals(bytes.at(-1), 0);
    assertEquals(readCString(Deno.UnsafePointer.of(bytes)), text);
  }
  assertEquals(readCString(null), "");
});

Deno.test("required() refuses null", () => {
  const error = assertThrows(
    () => required(null),
    BackendError,
    "Cannot use TensorFlow: expected an address, got null",
  );
  assertEquals(error.code, "INTERNAL");
});
