import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { dirname, join, parse } from "node:path";
import { findLibrary } from "lib/backend/c_library/find_library.ts";
import { BackendError, programPath, systemOf } from "lib/core/mod.ts";

/** A folder tree with an empty file at each path, gone at the end of the block. */
class Tree implements Disposable {
  readonly root = Deno.makeTempDirSync();

  constructor(files: readonly string[]) {
    for (const file of files) {
      Deno.mkdirSync(dirname(join(this.root, file)), { recursive: true });
      Deno.writeTextFileSync(join(this.root, file), "");
    }
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

const MAIN = systemOf().tensorFlow.main;
const PACKAGES = systemOf().name === "windows" ? "Lib" : "lib/python3.12";
const WHEEL = `${PACKAGES}/site-packages/tensorflow/${MAIN}`;
const nothing = () => undefined;

Deno.test("findLibrary() finds the files of the installed wheel", () => {
  const { directory, main, framework } = findLibrary(), names = systemOf().tensorFlow;
  assertEquals(main, join(directory, names.main));
  assertEquals(framework, names.framework && join(directory, names.framework));
  for (const path of [main, framework]) {
    if (path !== null) assertEquals(Deno.statSync(path).isFile, true);
  }
});

for (
  const [name, folder] of [
    ["linux", "lib/python3.12/site-packages"],
    ["darwin", "lib/python3.12/site-packages"],
    ["windows", "Lib/site-packages"],
  ] as const
) {
  Deno.test(`findLibrary() knows where the wheel for ${name} has its files`, () => {
    const system = systemOf(name), { main, framework } = system.tensorFlow;
    const package_ = `.venv/${folder}/tensorflow`;
    using tree = new Tree([`${package_}/${main}`]);
    const files = findLibrary({
      environment: nothing,
      execPath: tree.path(programPath(".venv", "deno", system)),
      startFolders: [],
      system,
    });
    assertEquals(files, {
      directory: tree.path(package_),
      main: tree.path(package_, main),
      framework: framework && tree.path(package_, framework),
    });
  });
}

Deno.test("findLibrary() prefers TF_DIR, this Deno's environment, VIRTUAL_ENV, .venv upwards", () => {
  using tree = new Tree([MAIN, `own/${WHEEL}`, `active/${WHEEL}`, `project/.venv/${WHEEL}`]);
  const start = tree.path("project", "a", "b");
  const find = (variables: Record<string, string>, deno: string) =>
    findLibrary({
      environment: (name) => variables[name],
      execPath: tree.path(deno, "bin", "deno"),
      startFolders: [start],
    }).main;
  const active = tree.path("active");
  assertEquals(find({ TF_DIR: tree.root, VIRTUAL_ENV: active }, "own"), tree.path(MAIN));
  assertEquals(find({ VIRTUAL_ENV: active }, "own"), tree.path("own", WHEEL));
  assertEquals(find({ VIRTUAL_ENV: active }, "nowhere"), tree.path("active", WHEEL));
  assertEquals(find({}, "nowhere"), tree.path("project", ".venv", WHEEL));
});

Deno.test("findLibrary() looks nowhere else where TF_DIR is set", () => {
  using tree = new Tree([`own/${WHEEL}`]);
  const error = assertThrows(
    () =>
      findLibrary({
        environment: (name) => name === "TF_DIR" ? tree.root : undefined,
        execPath: tree.path("own", "bin", "deno"),
      }),
    BackendError,
    `Cannot find TensorFlow: expected ${MAIN} in one of these places, got none:\n  TF_DIR=${tree.root}\nCure: `,
  );
  assertEquals(error.code, "UNAVAILABLE");
});

Deno.test("findLibrary() names every place it tried, once, and the cure", () => {
  using tree = new Tree(["project/.venv/lib/python3.12/site-packages/other/file"]);
  const start = tree.path("project", "a");
  const error = assertThrows(
    () =>
      findLibrary({
        environment: nothing,
        execPath: tree.path("own", "bin", "deno"),
        startFolders: [start, start],
      }),
    BackendError,
  );
  const places = error.message.split("\n").filter((line) => line.startsWith("  "));
  assertEquals(places.slice(0, 3), [
    `  ${tree.path("own")}`,
    `  ${tree.path("project", "a", ".venv")}`,
    `  ${tree.path("project", ".venv")}`,
  ]);
  assertEquals(places.at(-1), `  ${join(parse(start).root, ".venv")}`);
  assertEquals(new Set(places).size, places.length);
  assertStringIncludes(error.message, "set TF_DIR to the folder that holds the library");
});
