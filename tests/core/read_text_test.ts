import { FileError, readBytes, readText, systemOf } from "lib/core/mod.ts";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test({
  name: "readText() and readBytes() do not wait for a pipe in a file's place",
  ignore: systemOf().name === "windows",
  fn: () => {
    const path = `${Deno.makeTempDirSync()}/config.json`;
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    for (const read of [readText, readBytes]) {
      assertThrows(() => read(path), FileError, "expected a file, got a pipe");
    }
  },
});

Deno.test({
  name: "readText() reads what the shell opens for a program",
  ignore: systemOf().name === "windows",
  fn: () => {
    const program = `import { readText } from "${new URL(
      "../../lib/core/read_text.ts",
      import.meta.url,
    )}";
      console.log(readText("/dev/stdin"));`;
    const script = `${Deno.makeTempDirSync()}/read.ts`;
    Deno.writeTextFileSync(script, program);
    const command = `echo '{}' | "$0" run -A --no-check --quiet "$1"`;
    const { stdout } = new Deno.Command("sh", { args: ["-c", command, Deno.execPath(), script] })
      .outputSync();
    assertEquals(new TextDecoder().decode(stdout).trim(), "{}");
  },
});
