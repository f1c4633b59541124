import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { testedBackend } from "../support/tested_backend.ts";
import { runTraining, startTraining, TINY } from "../support/train_toy_process.ts";

const { name: backend } = await testedBackend();

/** As many as leave time to stop on the way; in 24 steps, two epochs, the loss falls from 6.9 to 5. */
const EPOCHS = backend === "tensorflow" ? 10 : 2;
const FLAGS = `${TINY} --backend ${backend} --epochs ${EPOCHS} --lr 0.02`;

/** Rows of `metrics.csv` by their columns; what a run leaves out is empty. */
function rowsOf(folder: string, name: string): Record<string, string>[] {
  const text = Deno.readTextFileSync(`${folder}/runs/${name}/metrics.csv`);
  const [header = "", ...lines] = text.trimEnd().split("\n"), columns = header.split(",");
  return lines.map((line) => {
    const values = line.split(",");
    return Object.fromEntries(columns.map((column, i) => [column, values[i] ?? ""]));
  });
}

/** What must be equal of two runs: loss and norm of each step. */
function lossesOf(folder: string, name: string): (string | undefined)[][] {
  return rowsOf(folder, name).map((
    { step, trainLoss, gradNorm, validationLoss },
  ) => [step, trainLoss, gradNorm, validationLoss]);
}

Deno.test(`train_toy.ts trains on ${backend} from the first step to the report`, async () => {
  const folder = temporaryFolder();
  const { code, out, err } = await runTraining(folder, `${FLAGS} --name whole`);
  assertEquals(code, 0, err);
  assertMatch(out, RegExp(`^Run +whole, on ${backend} `));
  const losses = rowsOf(folder, "whole").flatMap(({ trainLoss }) => trainLoss ? [+trainLoss] : []);
  assertLess(losses.at(-1) ?? NaN, (losses[0] ?? NaN) - 1.5);
  assert(Deno.readTextFileSync(`${folder}/runs/whole/report.html`).includes("<svg"));
  // Samples are drawn at every validation.
  assertMatch(Deno.readTextFileSync(`${folder}/runs/whole/samples.txt`), /(?:\w+ ){2}/);

  // Stopped on the way and resumed, it makes the same steps, bit for bit: but on WebGPU, where the
  // device is free to add up in another order each time.
  const { child, says, ended } = startTraining(folder, `${FLAGS} --name halved`);
  assert(await says(/step 1\//), "training is under way");
  child.kill("SIGINT");
  const stopped = await ended;
  assertEquals(stopped.code, 130, stopped.err);
  const resumed = await runTraining(folder, `--resume --name halved --backend ${backend}`);
  assertEquals(resumed.code, 0, resumed.err);
  assertStringIncludes(resumed.out, "Resuming at step ");
  const [halved, whole] = ["halved", "whole"].map((name) => lossesOf(folder, name));
  if (backend !== "webgpu") assertEquals(halved, whole);
  else assertClose(halved ?? [], whole ?? []);
});

/** Sums of float32 in another order: a few units in the last place per step, here over 24 steps. */
const WEBGPU_TOLERANCE = 1e-5;

function assertClose(actual: (string | undefined)[][], expected: (string | undefined)[][]): void {
  assertEquals(actual.map((row) => row.map(Boolean)), expected.map((row) => row.map(Boolean)));
  expected.flat().forEach((value, i) => {
    const difference = Math.abs(Number(actual.flat()[i]) - Number(value));
    assertLess(difference, WEBGPU_TOLERANCE * Math.max(1, Math.abs(Number(value))));
  });
}
