import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { beginRun, RunRecorder } from "lib/run/mod.ts";
import { train } from "lib/train/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const folder = temporaryFolder();

/** Two rates, two seeds each. */
for (const lr of [1e-3, 1e-2]) {
  for (const seed of [1, 2]) {
    const placed = beginRun(tinyConfig({ seed, train: { lr, epochs: 1 } }), {
      root: folder,
      name: `rate-${lr}-${seed}`,
    });
    using recorder = RunRecorder.open(placed.run, placed.folder);
    for await (const event of train(placed.run)) recorder.write(event);
  }
}

function run(script: string, ...args: string[]) {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", `${ROOT}deno.json`, `${ROOT}scripts/${script}`]
      .concat(args),
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).outputSync();
  const [out = "", told = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, told };
}

Deno.test("task explore writes a page of the run's best weights, with a sentence of one's own", () => {
  const { code, out } = run(
    "explore.ts",
    "runs/rate-0.01-1/",
    "--text",
    "The The",
    "--sentences",
    "3",
  );
  assertEquals([code, out.trim().split("\n").at(-1)], [
    0,
    "Look at  ./runs/rate-0.01-1/explorer.html, in any browser",
  ]);
  const page = Deno.readTextFileSync(`${folder}/runs/rate-0.01-1/explorer.html`);
  assertStringIncludes(page, "<title>Explorer: rate-0.01-1, weights of step 12</title>");
  assertEquals(page.match(/"source":"/g)?.length, 1 + 3 + 4);
  assertStringIncludes(page, '"source":"your own"');
});

Deno.test("task explore refuses what it cannot show in one line", () => {
  const cases: [args: string[], message: string][] = [
    [["nowhere"], 'Cannot open run "nowhere": expected a run with a checkpoint in'],
    [
      ["rate-0.01-1", "rate-0.01-2"],
      "Cannot explore: expected one run, got rate-0.01-1 rate-0.01-2",
    ],
    [
      ["--text", "The sesquipedalian"],
      'expected words of the run\'s language, got "sesquipedalian"',
    ],
    [["--sentences", "none"], "Cannot use --sentences: expected an integer from 1 to 1000"],
  ];
  for (const [args, message] of cases) {
    const { code, told } = run("explore.ts", ...args);
    assertEquals([code, told.trim().split("\n").length], [2, 1], told);
    assertStringIncludes(told, message);
  }
});

Deno.test("task compare groups runs, says what was found, and writes the page", () => {
  const names = ["rate-0.001-1", "rate-0.001-2", "rate-0.01-1", "runs/rate-0.01-2"];
  const { code, out } = run("compare.ts", ...names);
  assertEquals(code, 0);
  for (const text of ["train.lr", "lr 0.001", "baseline", "Look at  runs/comparison.html"]) {
    assertStringIncludes(out, text);
  }
  const page = Deno.readTextFileSync(`${folder}/runs/comparison.html`);
  assert(names.every((name) => page.includes(name.replace("runs/", ""))));
});

Deno.test("task compare refuses what it cannot compare in one line", () => {
  const cases: [args: string[], message: string][] = [
    [["rate-0.01-1"], "Cannot compare: expected two runs or more, got 1"],
    [["rate-0.01-1", "nowhere"], 'Cannot read run "nowhere": expected a run in ./runs/nowhere'],
  ];
  for (const [args, message] of cases) {
    const { code, told } = run("compare.ts", ...args);
    assertEquals([code, told.trim().split("\n").length], [2, 1], told);
    assertStringIncludes(told, message);
  }
});
