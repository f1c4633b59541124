import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { cutShort } from "lib/backend/c_library/cut_short.ts";
import { findLibrary } from "lib/backend/c_library/find_library.ts";
import { openLibrary } from "lib/backend/c_library/native_library.ts";
import { BackendError } from "lib/core/mod.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";

const { main, framework } = findLibrary(), isElf = Deno.build.os === "linux";

/** The beginning of a library, in a file of its own and of the same name. */
function beginningOf(path: string, bytes: number): string {
  using file = Deno.openSync(path);
  const content = new Uint8Array(bytes);
  file.readSync(content);
  const copy = `${temporaryFolder()}/${path.split("/").at(-1)}`;
  Deno.writeFileSync(copy, content);
  return copy;
}

Deno.test("cutShort() finds nothing missing from what is installed, nor from other files", () => {
  for (const path of [main, framework]) {
    if (path !== null) assertEquals(cutShort(path), undefined);
  }
  assertEquals(cutShort(fileURLToPath(import.meta.url)), undefined);
  const empty = `${temporaryFolder()}/empty`;
  Deno.writeFileSync(empty, new Uint8Array(0));
  assertEquals(cutShort(empty), undefined);
});

Deno.test({
  name: "cutShort() finds a library cut anywhere, down to its last byte",
  ignore: !isElf,
  fn() {
    assert(framework !== null);
    const { size } = Deno.statSync(framework), copy = beginningOf(framework, size);
    assertEquals(cutShort(copy), undefined);
    for (const bytes of [size - 1, size >> 1, 4096, 64, 8]) {
      Deno.truncateSync(copy, bytes);
      const cut = cutShort(copy);
      assertEquals(cut?.got, bytes);
      assert((cut?.expected ?? 0) > bytes);
    }
  },
});

Deno.test({
  name: "openLibrary() says which file is cut short, in place of the end of the process",
  ignore: !isElf,
  fn() {
    const copy = beginningOf(main, 1 << 20), directory = copy.replace(/\/[^/]+$/, "");
    const error = assertThrows(
      () => openLibrary({ directory, main: copy, framework }),
      BackendError,
      ", got 1048576: the file is cut short",
    );
    assertEquals(error.code, "UNAVAILABLE");
    assertStringIncludes(error.message, "Cure: install tensorflow-cpu 2.21 again");
  },
});
