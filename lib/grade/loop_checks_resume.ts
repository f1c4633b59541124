import { toBytes, toTensors } from "lib/checkpoint/mod.ts";
import { adam } from "lib/optimizer/mod.ts";
import { disposeParams, type Params } from "lib/tensor/mod.ts";
import { isNear, numbersOf } from "./_loop_cases.ts";
import { type LoopTask, loopTask, lrOf, referenceFit } from "./_loop_task.ts";
import { check, expectEqual, expectThat, type Mistake } from "./check.ts";
import type { LoopSnapshot, LoopState } from "./loop_state.ts";

/** A student's copy of a state. */
export type TakeSnapshot = (state: LoopState) => LoopSnapshot;

/** A student's way back from a copy to a state. */
export type Restore = (copy: LoopSnapshot) => LoopState;

/**
 * Checks exercise 3.9a, a copy of all that a loop needs to go on bit for bit.
 *
 * @param snapshot The student's function.
 * @throws {CheckError} If some part of the state is lost or changed, or the copy holds tensors.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { toBytes } from "lib/checkpoint/mod.ts";
 * import { checkSnapshot } from "lib/grade/mod.ts";
 *
 * await useBackend();
 * await checkSnapshot(({ params, optimizer, ...rest }) => ({
 *   ...rest,
 *   params: toBytes(params),
 *   optimizer: toBytes(optimizer),
 * }));
 * ```
 */
export async function checkSnapshot(snapshot: TakeSnapshot): Promise<void> {
  await check("snapshot", () => {
    const { middle, before } = stopInTheMiddle(), copy = snapshot(middle);
    const isAlive = [...Object.values(middle.params), ...Object.values(middle.optimizer)]
      .every((tensor) => !tensor.isDisposed);
    expectThat(isAlive, "expected a state that lives on after its snapshot, got disposed tensors");
    disposeParams(middle.params, middle.optimizer);
    expectWhole(copy, "a snapshot");
    for (const part of ["params", "optimizer"] as const) {
      const bytes: unknown = copy[part];
      expectThat(bytes instanceof Map, `expected ${part} as a map of bytes, got something else`, [
        { when: true, says: "the loop frees its tensors: copy their bytes, toBytes(tensors)" },
      ]);
    }
    const restored = restoreRight(copy);
    expectRestored(restored, before);
    expectSameLosses(restored);
  });
}

/**
 * Checks exercise 3.9b, a state made of its copy: a run goes on with the same losses, bit for bit.
 *
 * @param restore The student's function.
 * @throws {CheckError} If some part of the state is lost or changed.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { toTensors } from "lib/checkpoint/mod.ts";
 * import { checkRestore } from "lib/grade/mod.ts";
 *
 * await useBackend();
 * await checkRestore((copy) => ({
 *   ...copy,
 *   params: toTensors(copy.params),
 *   optimizer: toTensors(copy.optimizer),
 * }));
 * ```
 */
export async function checkRestore(restore: Restore): Promise<void> {
  await check("restore", () => {
    const { middle, before } = stopInTheMiddle(), { params, optimizer, ...rest } = middle;
    const copy = { ...rest, params: toBytes(params), optimizer: toBytes(optimizer) };
    disposeParams(params, optimizer);
    const first = restore(copy);
    expectWhole(first, "a state");
    expectRestored(first, before);
    disposeParams(first.params, first.optimizer);
    const second = restore(copy);
    expectRestored(second, before);
    expectSameLosses(second);
  });
}

/** A state after 2 of 6 steps, in the middle of an epoch, and its numbers. */
function stopInTheMiddle(): { readonly middle: LoopState; readonly before: Read } {
  const { start, parts } = taskWithAdam();
  const middle = referenceFit(start(), { ...parts, epochs: 2 }, { steps: 2 });
  return { middle, before: readState(middle) };
}

function restoreRight({ params, optimizer, ...rest }: LoopSnapshot): LoopState {
  return { ...rest, params: toTensors(params), optimizer: toTensors(optimizer) };
}

/** Goes on from a state and compares with a run that was never stopped. */
function expectSameLosses(restored: LoopState): void {
  const whole = taskWithAdam(), resumed = taskWithAdam();
  const ends = [
    referenceFit(whole.start(), { ...whole.parts, epochs: 2 }),
    referenceFit(restored, { ...resumed.parts, epochs: 2 }),
  ];
  const lossesOf = ({ rows }: LoopTask) => rows.map((row) => row.trainLoss);
  expectEqual(lossesOf(resumed), lossesOf(whole).slice(2), { what: "the losses after a resume" });
  ends.forEach((state) => disposeParams(state.params, state.optimizer));
}

function taskWithAdam() {
  const task = loopTask(), transform = adam(0.1, { schedule: (step) => lrOf(step) / 0.1 });
  const start = (): LoopState => {
    const { params, optimizer, ...rest } = task.start();
    disposeParams(optimizer);
    return { ...rest, params, optimizer: transform.init(params) };
  };
  return { ...task, parts: { ...task.parts, transform }, start };
}

/** Refuses a state or a copy of one that lacks a part. */
function expectWhole(got: object, what: string): void {
  const parts = ["step", "cursor", "params", "optimizer"];
  const missing = parts.filter((part) => Reflect.get(got ?? {}, part) === undefined);
  expectThat(missing.length === 0, `expected ${what}, got one without ${missing.join(", ")}`, [
    { when: missing.includes("optimizer"), says: MOMENTS },
    { when: missing.includes("cursor"), says: SHUFFLE },
    { when: missing.includes("step"), says: SCHEDULE },
  ]);
}

const MOMENTS = "the optimizer's moments are not kept: Adam would start anew";
const SHUFFLE = "the cursor is not kept: the epoch would start again, with sentences seen before";
const SCHEDULE = "the step is not kept: warm-up and bias correction would start again";

interface Read {
  readonly step: number;
  readonly cursor: LoopState["cursor"];
  readonly params: Readonly<Record<string, number[]>>;
  readonly optimizer: Readonly<Record<string, number[]>>;
}

function readState({ step, cursor, params, optimizer }: LoopState): Read {
  const read = (tensors: Params) =>
    Object.fromEntries(Object.entries(tensors).map(([name, one]) => [name, numbersOf(one)]));
  return { step, cursor, params: read(params), optimizer: read(optimizer) };
}

function expectRestored(restored: LoopState, before: Read): void {
  const got = readState(restored);
  expectEqual(got.step, before.step, {
    what: "the step after a restore",
    mistakes: [{ when: got.step === 0, says: SCHEDULE }],
  });
  expectEqual(got.cursor, before.cursor, {
    what: "the cursor after a restore",
    mistakes: [{ when: got.cursor.batch === 0, says: SHUFFLE }],
  });
  for (const part of ["params", "optimizer"] as const) {
    expectEqual(got[part], before[part], {
      what: `the ${part} after a restore`,
      mistakes: tensorMistakes(got[part], before[part], part),
    });
  }
}

function tensorMistakes(
  got: Read["params"],
  before: Read["params"],
  part: "params" | "optimizer",
): Mistake[] {
  const values = Object.values(got).flat(), wanted = Object.values(before).flat();
  const isEmpty = values.every((value) => value === 0);
  return [
    { when: part === "optimizer" && isEmpty, says: MOMENTS },
    {
      when: part === "optimizer" && Object.keys(before).every((name) => !(name in got)),
      says: "these are not the moments: params and optimizer are two records",
    },
    {
      when: isNear(values, wanted),
      says: "the numbers are rounded on the way: keep their bytes, not their decimals",
    },
  ];
}
