/**
 * Runs unit tests with Windows' Deno and TensorFlow under Wine, on Linux x86_64:
 *
 *     ./denow task wine                     prepares build/wine/ once, then runs the tests of FOLDERS
 *     ./denow task wine tests/model         those of one folder
 *     ./denow task wine --run train_toy.ts --examples 200    a program in place of tests
 *
 * It needs Debian's packages `wine` and `gcc-mingw-w64-x86-64`. docs/WINDOWS.md says what is
 * repaired in Wine, and how.
 *
 * @module
 */
import { ROOT } from "lib/authoring/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { print, runMain, tellUsage } from "./_command_line.ts";
import { countJunit } from "./_results.ts";
import { prepareWine, type Wine } from "./_wine.ts";

/** The rooms whose tests, except a few, need neither another program nor a feature of Unix only. */
const FOLDERS = ["core", "tensor", "analysis", "data", "tokenizer", "schedule", "log", "optimizer"]
  .concat(["model", "checkpoint", "backend/c_library", "backend/compiler", "train"])
  .map((room) => `tests/${room}`);

/**
 * The error of a test that needs a program which Windows or this Wine does not have: Python, Git, a
 * shell.
 */
const NEEDS_A_PROGRAM = /Failed to spawn '[\w.-]+': entity not found|Failed to spawn '[^']*python/;

/** Tests that fail because of Wine 8 itself. */
const WINES_OWN = [
  // On Windows 10 a file may take the name of an open file; on Wine it may not.
  "writeFileAtomically() keeps the old file open readers have",
];

await runMain(async () => {
  if (["--help", "-h"].includes(Deno.args[0] ?? "")) tellUsage();
  const wine = await prepareWine(`${ROOT}/build/wine`, print);
  const [first, ...rest] = Deno.args;
  if (first === "--run") return await wine.deno(["run", "-A", "--frozen", "--no-check", ...rest]);
  return await runTests(wine, Deno.args.length > 0 ? Deno.args : FOLDERS);
});

/** Runs each folder's tests in a separate process; the exit code tells whether one failed. */
async function runTests(wine: Wine, folders: readonly string[]): Promise<number> {
  const sum = { passed: 0, failed: 0, passedOver: 0 };
  for (const folder of folders) {
    const report = `${wine.checkout}/report.xml`;
    Deno.writeTextFileSync(report, ""); // remove an earlier run's report
    await wine.deno(["test", "-A", "--frozen", "--no-check", "--junit-path=report.xml", folder]);
    const { passed, failures = [] } = countJunit(Deno.readTextFileSync(report));
    const failed = failures.filter((text) =>
      !NEEDS_A_PROGRAM.test(text) && !WINES_OWN.some((name) => text.includes(`: ${name}\n`))
    );
    for (const text of failed) print(`\nfailed: ${text}`);
    sum.passed += passed;
    sum.failed += failed.length;
    sum.passedOver += failures.length - failed.length;
  }
  print(
    `\n${sum.passedOver} tests need what is not there, such as Python or Git, or fail by Wine itself`,
  );
  print(`${sum.passed} passed, ${sum.failed} failed`);
  if (sum.passed === 0) throw new ConfigError("Cannot test: expected tests, got none");
  return sum.failed > 0 ? 1 : 0;
}
