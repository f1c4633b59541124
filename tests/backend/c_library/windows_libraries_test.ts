import { assertEquals, assertThrows } from "@std/assert";
import { dirname, join } from "node:path";
import { systemSignatures } from "lib/backend/c_library/signatures.ts";
import { neededBefore } from "lib/backend/c_library/windows_libraries.ts";
import { systemOf } from "lib/core/mod.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";

const MAIN = join(".venv/Lib/site-packages/tensorflow", systemOf("windows").tensorFlow.main);

/** An environment as Windows has it, with these settings and these DLLs; gives TensorFlow's DLL. */
function environment(settings: string, files: readonly string[]): string {
  const root = temporaryFolder();
  for (const file of [MAIN, ...files]) {
    Deno.mkdirSync(dirname(join(root, file)), { recursive: true });
    Deno.writeTextFileSync(join(root, file), "");
  }
  Deno.writeTextFileSync(join(root, ".venv/pyvenv.cfg"), settings.replaceAll("ROOT", root));
  return join(root, MAIN);
}

const name = (path: string) => path.replaceAll("\\", "/").replace(/^.*?\/(?=\.venv|Python)/, "");

Deno.test("neededBefore() names the C++ runtime in its order, then Python's DLL in its own folder", () => {
  const runtime = ["vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll"];
  const files = [...runtime, "concrt140.dll"].map((file) => `.venv/Scripts/${file}`);
  const settings = "home = ROOT/Python 312\r\ninclude-system-site-packages = false\r\n" +
    "version = 3.12.10\r\nexecutable = ROOT/Python 312/python.exe\r\n";
  const main = environment(settings, [...files, "Python 312/python312.dll"]);
  assertEquals(neededBefore(main).map(name), [
    ...files.slice(0, 3),
    "Python 312/python312.dll",
  ]);
});

Deno.test("neededBefore() follows the version of the environment, as virtualenv writes it too", () => {
  const settings = "home=ROOT/Python\nversion_info = 3.10.2.final.0\n";
  assertEquals(neededBefore(environment(settings, ["Python/python310.dll"])).map(name), [
    "Python/python310.dll",
  ]);
});

Deno.test("neededBefore() says so where the Python of the environment is gone", () => {
  const main = environment("home = ROOT/Python\nversion = 3.12.1\n", ["Python/python313.dll"]);
  assertThrows(() => neededBefore(main), RangeError, "got no ");
  assertThrows(() => neededBefore(main), RangeError, "python312.dll; install Python again");
});

Deno.test("neededBefore() leaves a library outside of any environment to Windows", () => {
  assertEquals(neededBefore(`${temporaryFolder()}/tensorflow.dll`), []);
});

Deno.test("systemSignatures() asks Windows for _dup and its like, and Unix for dup", () => {
  const nameIn = (system: "linux" | "darwin" | "windows") =>
    Object.entries(systemSignatures(systemOf(system))).map(([key, signature]) =>
      "name" in signature ? signature.name : key
    );
  const unix = ["memcpy", "open", "close", "dup", "dup2"];
  assertEquals(nameIn("linux").slice(0, 5), unix);
  assertEquals(nameIn("darwin"), nameIn("linux"));
  assertEquals(nameIn("windows").slice(0, 5), ["memcpy", "_open", "_close", "_dup", "_dup2"]);
  const { madvise, sigaction, dlopen } = systemSignatures();
  assertEquals([madvise, sigaction, dlopen].map(({ optional }) => optional), [true, true, true]);
});
