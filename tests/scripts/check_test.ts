import { fileURLToPath } from "node:url";
import { assertEquals, assertMatch } from "@std/assert";
import { temporaryFolder } from "../support/temporary_folder.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/check.ts", import.meta.url));
const folder = temporaryFolder();

function runCheck(...args: string[]) {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--config",
      fileURLToPath(new URL("../../deno.json", import.meta.url)),
      SCRIPT,
      ...args,
    ],
    env: { NO_COLOR: "1", INIT_CWD: folder },
  }).outputSync();
  const [out = "", told = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, told };
}

Deno.test("task check says OK, or what to mend, for an answer in a file", () => {
  Deno.writeTextFileSync(
    `${folder}/mine.ts`,
    `import { padBatch as library } from "lib/data/mod.ts";
    const half = (x: number) => (1 + Math.cos(Math.PI * Math.min(1, x))) / 2;
    type Options = { warmupSteps: number; totalSteps: number; end?: number };
    export const warmupCosine = ({ warmupSteps: w, totalSteps, end = 0 }: Options) => (s: number) =>
      s < w ? (s + 1) / w : end + (1 - end) * half((s - w) / (totalSteps - w));
    export const padBatch = async (...args: Parameters<typeof library>) => await library(...args);`,
  );
  assertEquals(runCheck("warmupCosine", "mine.ts"), {
    code: 0,
    out: "OK  warmupCosine\n",
    told: "",
  });
  const { code, told } = runCheck("padBatch", "mine.ts");
  assertEquals(code, 1);
  assertMatch(
    told,
    /^CheckError: Cannot accept your padBatch: expected .*, got a Promise; you returned/,
  );
});

Deno.test("task check refuses what it cannot check with the code 2", () => {
  Deno.writeTextFileSync(`${folder}/empty.ts`, "export const other = 1;");
  Deno.writeTextFileSync(`${folder}/throws.ts`, 'throw new Error("broken");');
  const refusals: [args: string[], told: RegExp][] = [
    [[], /^Cannot check: expected an exercise and a file, as in /],
    [["padbatch", "mine.ts"], /^Cannot check: expected one of the exercises .*, got "padbatch"/],
    [["padBatch", "missing.ts"], /^Cannot check missing.ts: expected a module that runs, got /],
    [["padBatch", "throws.ts"], /^Cannot check throws.ts: .* got broken/],
    [["padBatch", "empty.ts"], /^Cannot check empty.ts: expected it to export padBatch, got other/],
  ];
  for (const [args, expected] of refusals) {
    const { code, told } = runCheck(...args);
    assertEquals(code, 2, told);
    assertMatch(told, expected);
  }
});
