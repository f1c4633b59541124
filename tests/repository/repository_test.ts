import { assertEquals, assertGreater } from "@std/assert";
import { VERSION } from "lib/core/mod.ts";
import {
  documentBreaches,
  leftovers,
  machineBreaches,
  requirementBreaches,
  taskBreaches,
  unusedImports,
} from "../../tools/repository_rules.ts";
import { sourceFiles } from "../../tools/source_files.ts";
import { assertBites, repository, ROOT } from "./sound_repository.ts";

// Links may lead to pictures: what they are, not what is in them.
const withAll = new Map([...sourceFiles(ROOT).map((path) => [path, ""] as const), ...repository]);

Deno.test("repository: the files are found", () => {
  assertGreater(repository.size, 50);
});

Deno.test("repository: nothing names one machine or a registry", () => {
  const path = ["", "home", "someone", "x"].join("/"), host = ["jsr", "io"].join(".");
  assertBites(machineBreaches, { "a.ts": `open("${path}")`, "b.json": `"https://${host}/x"` }, [
    `a.ts: expected nothing of one machine or registry, got ${["", "home", "someone"].join("/")}`,
    `b.json: expected nothing of one machine or registry, got ${host}`,
  ]);
  assertEquals(machineBreaches(repository), []);
});

Deno.test("repository: no comment puts work off", () => {
  assertBites(leftovers, { "a.ts": `\n// ${"to" + "do"} later\n// ${"TO" + "DO"}: later\n` }, [
    "a.ts:3: expected it done",
  ]);
  assertEquals(leftovers(repository), []);
});

Deno.test("repository: every Python package is pinned and hashed", () => {
  const breach = { "requirements.txt": "--index-url x\na==1\na>=1 --hash=sha256:0\n" };
  assertBites(requirementBreaches, breach, [
    "requirements.txt: expected name==version and hashes, got --index-url x",
    "requirements.txt: expected name==version and hashes, got a==1",
    "requirements.txt: expected name==version and hashes, got a>=1 --hash=sha256:0",
  ]);
  assertEquals(requirementBreaches(repository), []);
});

Deno.test("repository: tasks are described, their scripts exist, prose names no others", () => {
  const tasks = { train: { command: "deno run train.ts" } };
  assertBites(taskBreaches, { "deno.json": JSON.stringify({ tasks }) }, [
    "deno.json: expected a description of task train",
    "deno.json: expected train.ts, which task train runs",
  ]);
  assertBites(taskBreaches, { "README.md": "Run `./denow task trian`.\n" }, [
    "README.md: expected a task of deno.json, got trian",
  ]);
  const prose = new Map(
    [...repository].filter(([path]) => path !== "tests/repository/repository_test.ts"),
  );
  assertEquals(taskBreaches(prose), []);
});

Deno.test("repository: the README is short and no link is broken", () => {
  assertBites(documentBreaches, { "README.md": "\n".repeat(120) + "end" }, [
    "README.md: expected fewer than 120 lines, got 121",
  ]);
  assertBites(
    documentBreaches,
    { "README.md": "[a](lib/core) [b](b.png) [c](https://x) [d](#d)" },
    [
      "README.md: expected the file b.png",
    ],
  );
  assertEquals(documentBreaches(withAll), []);
});

Deno.test("repository: everything in the import map is imported", () => {
  const imports = { "lib/": "./lib/", "zod": "npm:zod@4", "left-pad": "npm:left-pad@1" };
  assertBites(unusedImports, { "deno.json": JSON.stringify({ imports }) }, [
    "deno.json: expected a file that imports left-pad",
  ]);
  assertEquals(unusedImports(repository), []);
});

Deno.test("repository: deno.json offers every room, and the version that lib and the changelog know", () => {
  const { version, exports } = JSON.parse(repository.get("deno.json") ?? "");
  assertEquals(version, VERSION);
  assertEquals(/^## (\S+)$/m.exec(repository.get("CHANGELOG.md") ?? "")?.[1], version);
  const rooms = [...repository.keys()].flatMap((path) =>
    /^lib\/([^/]+)\/mod\.ts$/.exec(path)?.[1] ?? []
  );
  const offered = rooms.sort().map((room) => [`./${room}`, `./lib/${room}/mod.ts`]);
  assertEquals(exports, Object.fromEntries(offered));
});
