import { assertEquals } from "@std/assert";
import { cString, readCString } from "lib/backend/c_library/c_string.ts";

Deno.test("cString() and readCString() keep text of any alphabet, and null is empty", () => {
  for (const text of ["", "MatMul", "žluť 狐"]) {
    const bytes = cString(text);
    assertEquals(bytes.at(-1), 0);
    assertEquals(readCString(Deno.UnsafePointer.of(bytes)), text);
  }
  assertEquals(readCString(null), "");
});
