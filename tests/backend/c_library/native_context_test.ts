import { assertEquals, assertThrows } from "@std/assert";
import { findLibrary } from "lib/backend/c_library/find_library.ts";
import { createContext } from "lib/backend/c_library/native_context.ts";
import { openLibrary } from "lib/backend/c_library/native_library.ts";

const library = openLibrary(findLibrary());

const VARIABLE = "TF_NUM_INTRAOP_THREADS";

Deno.test("createContext() uses one thread a core unless told otherwise", () => {
  const before = Deno.env.get(VARIABLE);
  try {
    Deno.env.delete(VARIABLE);
    assertEquals(createContext(library).threads, navigator.hardwareConcurrency);
    Deno.env.set(VARIABLE, "3");
    assertEquals(createContext(library).threads, 3);
    assertEquals(createContext(library, { threads: 2 }).threads, 2);
    Deno.env.set(VARIABLE, "0"); // for TensorFlow: as many as it likes
    assertEquals(createContext(library).threads, navigator.hardwareConcurrency);
    for (const wrong of ["few", "-1", "2.5", "100000"]) {
      Deno.env.set(VARIABLE, wrong);
      assertThrows(
        () => createContext(library),
        RangeError,
        `expected the variable ${VARIABLE} to be an integer from 1 to 1024, got "${wrong}"`,
      );
      assertEquals(createContext(library, { threads: 2 }).threads, 2);
    }
  } finally {
    if (before === undefined) Deno.env.delete(VARIABLE);
    else Deno.env.set(VARIABLE, before);
  }
  // More than a byte of the settings holds.
  assertEquals(createContext(library, { threads: 130 }).threads, 130);
});

Deno.test("createContext() names devices without the job they belong to, and hides GPUs", () => {
  const { device, devices, isGpu } = createContext(library, { device: "cpu", threads: 1 });
  assertEquals([device, isGpu], ["/device:CPU:0", false]);
  assertEquals(devices.filter((name) => name.startsWith("/device:GPU")), []);
  assertEquals(devices[0], "/device:CPU:0");
});

Deno.test("createContext() refuses threads that are no integer from 1 to 1024", () => {
  for (const threads of [0, -1, 1.5, NaN, 1025, 1e9, 2 ** 32 + 1]) {
    assertThrows(
      () => createContext(library, { threads }),
      RangeError,
      `Cannot use TensorFlow: expected threads to be an integer from 1 to 1024, got ${threads}`,
    );
  }
});
