import {
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { cutFiles, FILE_SUMS, PIECE_SUMS } from "../../scripts/_pieces.ts";
import { runPart, trialParts } from "../../scripts/_trial_parts.ts";
import { formatSteps, type Trial, trialSchema } from "../../scripts/_trial_report.ts";
import { measurements, measureSteps } from "../../scripts/_trial_steps.ts";

const ROOT = new URL("../..", import.meta.url);

/** A folder that is removed when it goes out of scope. */
class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync();
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Bytes that repeat nowhere near a piece's length. */
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i) % 251);

Deno.test("cutFiles() makes pieces of the length asked for, which make the file when joined", () => {
  using folder = new Folder();
  for (const length of [0, 1, 999, 1000, 1001, 2000, 2500]) {
    const path = `${folder.path}/file-${length}.whl`, into = `${folder.path}/pieces-${length}`;
    Deno.writeFileSync(path, bytes(length));
    const pieces = cutFiles([path], into, 1000);
    assertEquals(pieces.length, Math.max(1, Math.ceil(length / 1000)));
    const parts = pieces.map((name) => Deno.readFileSync(`${into}/${name}`));
    assertEquals(parts.every((part) => part.length <= 1000), true);
    assertEquals(new Uint8Array(parts.flatMap((part) => [...part])), bytes(length));
    const names = [...Deno.readDirSync(into)].map(({ name }) => name);
    assertEquals(names.toSorted(), [...pieces, FILE_SUMS, PIECE_SUMS].toSorted());
  }
});

/** A checkout with the script alone, and pieces of two wheels and of `node_modules`. */
class LentMachine extends Folder {
  readonly pieces = `${this.path}/pieces`;
  constructor() {
    super();
    const made = `${this.path}/made`;
    Deno.mkdirSync(`${this.path}/scripts`);
    Deno.mkdirSync(`${made}/node_modules`, { recursive: true });
    Deno.mkdirSync(`${this.path}/bin`);
    Deno.copyFileSync(new URL("scripts/gpu_trial.sh", ROOT), `${this.path}/scripts/gpu_trial.sh`);
    Deno.writeTextFileSync(`${made}/node_modules/package`, "an npm package");
    const tar = ["-C", made, "-czf", `${made}/node_modules.tar.gz`, "node_modules"];
    new Deno.Command("tar", { args: tar }).outputSync();
    for (const name of ["a-1.whl", "b-2.whl"]) Deno.writeFileSync(`${made}/${name}`, bytes(2500));
    const names = ["a-1.whl", "b-2.whl", "node_modules.tar.gz"];
    cutFiles(names.map((name) => `${made}/${name}`), this.pieces, 1000);
    // Stands in for python3, for the one of .venv, and for Deno.
    const fake = `#!/bin/sh
case "$*" in
  "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; cp "$0" .venv/bin/deno ;;
  "-m pip"*) echo "pip \${*#*--no-deps }"; cksum build/joined/*.whl | cut -d' ' -f2- ;;
  *) echo "deno $*; $(cat node_modules/package); $(ls -d build/joined 2>&1 | tail -c 10)" ;;
esac
`;
    Deno.writeTextFileSync(`${this.path}/bin/python3`, fake, { mode: 0o755 });
  }
  start(): { code: number; text: string } {
    const { code, stdout, stderr } = new Deno.Command("sh", {
      args: [`${this.path}/scripts/gpu_trial.sh`, this.pieces, "--device", "cpu"],
      env: { PATH: `${this.path}/bin:${Deno.env.get("PATH")}`, LC_ALL: "C" },
    }).outputSync();
    return { code, text: [stdout, stderr].map((out) => new TextDecoder().decode(out)).join("") };
  }
}

Deno.test("gpu_trial.sh joins the pieces, installs without a network, and starts the trial", () => {
  using machine = new LentMachine();
  const { code, text } = machine.start();
  assertEquals(code, 0, text);
  assertEquals(text.split("\n").slice(0, 3), [
    "pip build/joined/a-1.whl build/joined/b-2.whl",
    "2500 build/joined/a-1.whl",
    "2500 build/joined/b-2.whl",
  ]);
  assertStringIncludes(
    text,
    "deno run -A --no-check --cached-only scripts/gpu_trial.ts --device cpu; an npm package",
  );
});

Deno.test("gpu_trial.sh names a piece that is missing or damaged, and installs nothing", () => {
  using machine = new LentMachine();
  const piece = `${machine.pieces}/b-2.whl.piece-001`, content = Deno.readFileSync(piece);
  Deno.removeSync(piece);
  const missing = machine.start();
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.text, "b-2.whl.piece-001: FAILED open or read");
  assertStringIncludes(missing.text, "Cannot join the pieces: see those above");
  content[7] = 255 - (content[7] ?? 0);
  Deno.writeFileSync(piece, content);
  const damaged = machine.start();
  assertEquals(damaged.code, 1);
  assertStringIncludes(damaged.text, "b-2.whl.piece-001: FAILED");
  assertEquals(damaged.text.includes("pip"), false);
});

Deno.test("gpu_trial.ts --pack refuses a folder without deno's wheel", () => {
  using folder = new Folder();
  const { code, stderr } = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "scripts/gpu_trial.ts"],
      ...["--pack", folder.path, "--into", `${folder.path}/pieces`],
    ],
    cwd: ROOT,
  }).outputSync();
  assertEquals(code, 2);
  assertMatch(new TextDecoder().decode(stderr), /^Cannot pack: expected deno's wheel and those of/);
});

Deno.test("runPart() tells what passed, what failed, and what time was too short for", async () => {
  const program = (code: string) => ({ name: "planted", args: ["eval", code] });
  const later = performance.now() + 60_000;
  const passed = await runPart(program("console.log('one'); console.log('two')"), later);
  assertEquals([passed.status, passed.lines, passed.reason], ["passed", ["one", "two"], undefined]);
  const failed = await runPart(program("console.error('why'); Deno.exit(3)"), later);
  assertEquals([failed.status, failed.lines, failed.reason], ["failed", ["why"], "exit code 3"]);
  const endless = program("setInterval(() => {}, 1000)");
  const late = await runPart(endless, performance.now() + 500);
  assertEquals([late.status, late.reason], ["failed", "out of time"]);
  assertLess(late.seconds, 30);
  const never = await runPart(endless, performance.now() - 1);
  assertEquals([never.status, never.seconds], ["not run", 0]);
});

Deno.test("trialParts() names programs that are there, and hides the GPUs from a trial of the CPU", () => {
  for (const { args, env } of trialParts("cpu")) {
    assertEquals(env?.["CUDA_VISIBLE_DEVICES"], "");
    for (const path of args.filter((arg) => arg.endsWith(".ts"))) {
      Deno.statSync(new URL(path, ROOT));
    }
  }
  assertEquals(trialParts("gpu").every(({ env }) => Object.keys(env ?? {}).length === 0), true);
});

Deno.test("measurements() have both sides at both sizes and precisions, and TF32 on a GPU alone", () => {
  const cpu = measurements("cpu");
  assertEquals(new Set(cpu.map((row) => JSON.stringify(row))).size, 8);
  assertEquals(cpu.some(({ tf32 }) => tf32), false);
  assertEquals(measurements("gpu").filter(({ tf32 }) => tf32).map(({ side }) => side), [
    "ours",
    "PyTorch",
  ]);
});

Deno.test("measureSteps() measures ours on the processor, and its row fits the file", async () => {
  const [what] = measurements("cpu");
  if (what === undefined) throw new Error("nothing to measure");
  const settings = { device: "cpu", python: undefined, steps: 2 } as const;
  const row = await measureSteps(what, { ...settings, deadline: performance.now() + 120_000 });
  assertEquals([row.reason, row.steps, row.gpuMB], [undefined, 2, null]);
  assertMatch(
    formatSteps(row),
    /^ours {5}64 x 12 {2}float32 +[\d.]+ ms \(least [\d.]+\), \d+ tok/,
  );
  const trial: Trial = {
    date: new Date().toISOString(),
    machine: { processor: "one" },
    device: "cpu",
    gpus: [],
    seconds: 1,
    parts: [{ name: "doctor", status: "not run", seconds: 0, reason: "out of time", lines: [] }],
    steps: [row],
  };
  assertEquals(trialSchema.parse(JSON.parse(JSON.stringify(trial))), trial);
  assertThrows(() => trialSchema.parse({ ...trial, steps: [{ ...row, medianMs: -1 }] }));
  assertThrows(() => trialSchema.parse({ ...trial, device: "tpu" }));
});

Deno.test("measureSteps() says why a row has no figure", async () => {
  const [ours, theirs] = measurements("cpu");
  if (ours === undefined || theirs === undefined) throw new Error("nothing to measure");
  const later = performance.now() + 60_000;
  const settings = { device: "cpu", python: undefined, steps: 2, deadline: later } as const;
  const late = await measureSteps(ours, { ...settings, deadline: performance.now() - 1 });
  assertEquals([late.medianMs, late.reason], [null, "out of time"]);
  const none = await measureSteps(theirs, settings);
  assertEquals([none.medianMs, none.reason], [null, "no PyTorch for this device"]);
  const broken = await measureSteps(theirs, { ...settings, python: "/nowhere/python" });
  assertEquals(broken.medianMs, null);
  assertMatch(broken.reason ?? "", /^Cannot time "PyTorch": expected an answer, got /);
  assertMatch(formatSteps(broken), /Cannot time "PyTorch"/);
});
