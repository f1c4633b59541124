/**
 * A process to be killed: goes on from the last checkpoint of a store and saves back to back, and
 * prints the step of each save once it has returned.
 *
 * Arguments: the store's folder; `atomic`, or `naive` to overwrite the files of one folder in place,
 * as a program would that knows nothing of all this; how many float32 a tensor has; how many steps.
 */
import { CheckpointStore } from "lib/checkpoint/store.ts"; // not mod.ts: it would load TensorFlow.js
import { checkpointAt } from "./_fixtures.ts";

const [path = "", mode = "atomic", floats = "0", steps = "1000000"] = Deno.args;
const store = CheckpointStore.open(path);
const first = store.has("last") ? store.load("last").step + 1 : 1;
const save = mode === "atomic" ? saveToStore : saverInPlace();
for (let step = first; step < first + Number(steps); step++) {
  save(step);
  Deno.stdout.writeSync(new TextEncoder().encode(`${step}\n`));
}

function saveToStore(step: number): void {
  store.save(checkpointAt(step, Number(floats)), { isBest: step % 5 === 1 });
}

/** Overwrites the files of step 1 with those of step 2, and the other way round. */
function saverInPlace(): (step: number) => void {
  const folder = store.save(checkpointAt(1, Number(floats))).path;
  const other = CheckpointStore.open(`${path}.other`).save(checkpointAt(2, Number(floats))).path;
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
  const contents = [folder, other].map((source) =>
    names.map((name) => [`${folder}/${name}`, Deno.readFileSync(`${source}/${name}`)] as const)
  );
  return (step) => {
    for (const [file, bytes] of contents[step % 2] ?? []) Deno.writeFileSync(file, bytes);
  };
}
