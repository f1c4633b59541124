import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { versions } from "lib/log/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

function git(folder: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const { success, stdout } = new Deno.Command("git", {
    args: ["-C", folder, ...identity, ...args],
  }).outputSync();
  assert(success, args.join(" "));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("versions() names Deno, V8, TypeScript, system and cores", () => {
  const { deno, v8, typescript, os, arch, cores } = versions();
  assertEquals([deno, v8, typescript], [
    Deno.version.deno,
    Deno.version.v8,
    Deno.version.typescript,
  ]);
  assertMatch(os, new RegExp(`^${Deno.build.os} \\S+$`));
  assertEquals(arch, Deno.build.arch);
  assertGreater(cores, 0);
});

Deno.test("versions() names the commit, and whether tracked files differ from it", () => {
  const folder = temporaryFolder();
  git(folder, "init", "-q");
  Deno.writeTextFileSync(`${folder}/a`, "1");
  git(folder, "add", "a");
  git(folder, "commit", "-q", "-m", "first");
  Deno.writeTextFileSync(`${folder}/untracked`, "");
  const { gitCommit, gitDirty } = versions(folder);
  assertEquals([gitCommit, gitDirty], [git(folder, "rev-parse", "HEAD"), false]);
  Deno.writeTextFileSync(`${folder}/a`, "2");
  assertEquals(versions(folder).gitDirty, true);
});

Deno.test("versions() knows no commit outside a checkout, and does not fail", () => {
  const { gitCommit, gitDirty } = versions(temporaryFolder());
  assertEquals([gitCommit, gitDirty], [null, null]);
});
