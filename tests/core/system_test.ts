import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { constants } from "node:os";
import { join } from "node:path";
import { isProcessAlive, onSignal, packageFolders, programPath, systemOf } from "lib/core/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const [linux, darwin, windows] = [systemOf("linux"), systemOf("darwin"), systemOf("windows")];

Deno.test("systemOf() has the names of each system's C library and of TensorFlow in its wheel", () => {
  assertEquals([linux, darwin, windows].map(({ cLibrary }) => cLibrary), [
    "libc.so.6",
    "libSystem.dylib",
    "ucrtbase.dll",
  ]);
  assertEquals([linux, darwin, windows].map(({ tensorFlow }) => tensorFlow), [
    { main: "libtensorflow_cc.so.2", framework: "libtensorflow_framework.so.2" },
    { main: "libtensorflow_cc.2.dylib", framework: "libtensorflow_framework.2.dylib" },
    { main: "python/_pywrap_tensorflow_common.dll", framework: null },
  ]);
});

Deno.test("systemOf() pins libraries by the numbers of <dlfcn.h>, and not on Windows", () => {
  assertEquals([linux, darwin, windows].map(({ pinFlags }) => pinFlags), [0x1001, 0x81, null]);
});

Deno.test("systemOf() knows what only Unix has: signals that are sent, links, folders on the disk", () => {
  for (const { sendsSignals, hasLinks, syncsFolders } of [linux, darwin]) {
    assertEquals([sendsSignals, hasLinks, syncsFolders], [true, true, true]);
  }
  assertEquals(
    [windows.sendsSignals, windows.hasLinks, windows.syncsFolders],
    Array(3).fill(false),
  );
  assertEquals([linux, windows].map(({ nowhere }) => nowhere), ["/dev/null", "NUL"]);
  assertEquals(linux.renameWaitsMs, []);
  assert(windows.renameWaitsMs.reduce((sum, ms) => sum + ms) < 1000); // a user waits for it
});

Deno.test("systemOf() gives for each stop signal the exit code 128 + its number", () => {
  for (const [name, code] of [...linux.stopSignals, ...darwin.stopSignals]) {
    assertEquals(code, 128 + (constants.signals[name as NodeJS.Signals] ?? NaN), name);
  }
  const numbers = windows.stopSignals.map(([name, code]) => [name, code - 128]);
  assertEquals(numbers, [["SIGINT", 2], ["SIGBREAK", 21], ["SIGHUP", 1]]); // as Node.js has them there
});

Deno.test("systemOf() takes another Unix for a Linux, and describes this system by default", () => {
  assertEquals(systemOf("freebsd"), linux);
  assertEquals(systemOf().name, Deno.build.os);
});

Deno.test("programPath() names a program as the system's virtual environments do", () => {
  assertEquals([linux, darwin, windows].map((system) => programPath("a/.venv", "deno", system)), [
    "a/.venv/bin/deno",
    "a/.venv/bin/deno",
    "a/.venv/Scripts/deno.exe",
  ]);
});

Deno.test("packageFolders() finds each Python's folder on Unix, and the one of Windows", () => {
  const root = temporaryFolder();
  for (const name of ["python3.12", "python3.11", "other"]) {
    Deno.mkdirSync(`${root}/lib/${name}`, { recursive: true });
  }
  const expected = ["python3.11", "python3.12"].map((name) =>
    join(root, "lib", name, "site-packages")
  );
  assertEquals(packageFolders(root, linux), expected);
  assertEquals(packageFolders(root, darwin), expected);
  assertEquals(packageFolders(root, windows), [join(root, "Lib", "site-packages")]);
  assertEquals(packageFolders(`${root}/none`, linux), []);
});

Deno.test({
  name: "onSignal() hears a signal until it is disposed of, and takes one that is not there",
  ignore: !systemOf().sendsSignals, // on Windows whoever sends one ends the process
  fn: async () => {
    const heard: string[] = [];
    const send = async (name: string) => {
      using _listener = onSignal("SIGUSR2", () => heard.push(name));
      Deno.kill(Deno.pid, "SIGUSR2");
      while (heard.at(-1) !== name) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    using _none = onSignal("SIGBREAK", () => {}); // Linux has no such signal
    await send("first");
    await send("second"); // which the first listener does not hear any more
    assertEquals(heard, ["first", "second"]);
  },
});

Deno.test("onSignal() hides no other error", () => {
  const original = Deno.addSignalListener;
  Deno.addSignalListener = () => {
    throw new Deno.errors.NotCapable("refused");
  };
  try {
    assertThrows(() => onSignal("SIGINT", () => {}), Deno.errors.NotCapable, "refused");
  } finally {
    Deno.addSignalListener = original;
  }
});

Deno.test("isProcessAlive() knows its own process, one of somebody else, and one that has ended", async () => {
  assert(isProcessAlive(Deno.pid));
  assertEquals(isProcessAlive(1), systemOf().name !== "windows"); // the first of all on Unix
  const child = new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).spawn();
  assertEquals([isProcessAlive(child.pid), (await child.status).success], [true, true]);
  assertFalse(isProcessAlive(child.pid));
});
