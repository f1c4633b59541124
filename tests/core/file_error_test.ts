import { assertEquals } from "@std/assert";
import { isSystemError, reasonOf } from "lib/core/mod.ts";

/** An error as Deno throws it: the system's sentence and number, what was called, and the code. */
function systemError(text: string, code?: string): Error {
  return Object.assign(new Error(text), code !== undefined && { code });
}

Deno.test("reasonOf() gives the system's sentence and the cure, on each system", () => {
  const cases: [error: Error, reason: string][] = [
    [
      systemError("Permission denied (os error 13): open 'a'", "EACCES"),
      "Permission denied; make it writable for this user",
    ],
    [
      systemError("Access is denied. (os error 5): rename 'a' -> 'b'", "EPERM"), // Windows
      "Access is denied; make it writable for this user",
    ],
    [
      systemError("There is not enough space on the disk. (os error 112)", "ENOSPC"), // Windows
      "There is not enough space on the disk; free some space, start again",
    ],
    [
      systemError("No space left on device (os error 28)"), // where Deno gives no code
      "No space left on device; free some space, start again",
    ],
    [
      systemError("The system cannot find the file specified. (os error 2)", "ENOENT"),
      "The system cannot find the file specified",
    ],
  ];
  for (const [error, reason] of cases) {
    assertEquals([reasonOf(error), isSystemError(error)], [reason, true]);
  }
});

Deno.test("reasonOf() leaves other errors as they are", () => {
  assertEquals(reasonOf(new RangeError("Cannot take 5: expected 3")), "Cannot take 5: expected 3");
  assertEquals([reasonOf("text"), isSystemError("text")], ["text", false]);
  assertEquals(isSystemError(new SyntaxError("{")), false);
});
