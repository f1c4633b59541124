import { disposeParams } from "lib/tensor/mod.ts";
import { isNear, mistakesByValue, tensorsLeft } from "./_loop_cases.ts";
import { type LoopTask, loopTask, lrOf, referenceFit } from "./_loop_task.ts";
import { check, expectClose, expectEqual, expectThat, type Mistake } from "./check.ts";
import type { LoopParts, LoopRow, LoopState } from "./loop_state.ts";

/** A student's loop: from one state to the one after the last epoch. */
export type Fit = (start: LoopState, parts: LoopParts) => LoopState;

/**
 * Checks exercise 3.7, the training loop with epochs and a log.
 *
 * @param fit The student's function.
 * @throws {CheckError} If it takes other batches or rates, logs something else, or leaks tensors.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkFit } from "lib/grade/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await useBackend();
 * await assertRejects(() => checkFit((start) => start), Error, "expected these examples");
 * ```
 */
export async function checkFit(fit: Fit): Promise<void> {
  await check("fit", () => {
    const own = loopTask(), right = loopTask();
    const end = fit(own.start(), { ...own.parts, epochs: 2 });
    const rightEnd = referenceFit(right.start(), { ...right.parts, epochs: 2 });
    expectBatches(own, right);
    expectRows(own, right);
    expectEnd(end, rightEnd);
    [end, rightEnd].forEach((state) => disposeParams(state.params, state.optimizer));
    expectGoesOn(fit);
    expectNoLeak(fit);
  });
}

function expectBatches({ seen }: LoopTask, right: LoopTask): void {
  const text = (batches: readonly number[][]) => batches.map((one) => `[${one}]`).join(" ");
  const firstEpoch = right.seen.slice(0, 3);
  expectThat(
    text(seen) === text(right.seen),
    `expected these examples in 2 epochs of 3 batches: ${text(right.seen)}, got ${text(seen)}`,
    [
      {
        when: text(seen) === text([...firstEpoch, ...firstEpoch]),
        says: "every epoch has the order of the first: loader.batches() goes on by itself over " +
          "epochs, so call it once",
      },
      {
        when: seen.length === 9,
        says: "one epoch too many: stop before the batch whose cursor.epoch is `epochs`",
      },
      {
        when: seen.length === 7,
        says: "one batch too many was computed: stop before it is used",
      },
      {
        when: seen.length === 3,
        says: "this stops after the first epoch: epochs are counted from 0 in batch.cursor",
      },
      {
        when: seen.length < right.seen.length,
        says: "batches are left out: the last, smaller one of an epoch counts too",
      },
    ],
  );
}

function expectRows({ rows }: LoopTask, right: LoopTask): void {
  expectThat(rows.length === right.rows.length, `expected 6 rows in the log, got ${rows.length}`, [
    { when: rows.length === 2, says: "a row is logged per epoch: log each step" },
  ]);
  for (const name of ["step", "epoch", "lr", "trainLoss", "gradNorm"] as const) {
    const own = column(rows, name);
    expectClose(own, column(right.rows, name), {
      what: `${name} in the log of 6 steps`,
      tolerance: 1e-4,
      mistakes: name === "lr" ? rateMistakes(own) : [
        { when: name === "epoch" && own[0] === 0, says: "the row's epoch is counted from 1" },
        {
          when: name === "step" && own[0] === 0,
          says: "the row's step counts updates made, this one included: the first row says 1",
        },
        {
          when: name === "trainLoss" && isNear(own[0], column(right.rows, name).slice(0, 1)),
          says: "the first loss is right and a later one is not: do new weights and the " +
            "optimizer's state both go into the next step?",
        },
      ],
    });
  }
}

function column(rows: readonly LoopRow[], name: keyof LoopRow): number[] {
  return rows.map((row) => row[name]);
}

function rateMistakes(lrs: readonly number[]): Mistake[] {
  return mistakesByValue(lrs, [
    [
      [1, 2, 3, 4, 5, 6].map(lrOf),
      "the schedule is off by one: ask for it before the step is counted, from 0",
    ],
    [[0, 0, 0, 1, 1, 1].map(lrOf), "the schedule is asked with the epoch: it counts steps"],
    [
      [0, 1, 2, 0, 1, 2].map(lrOf),
      "the step starts again with each epoch: it counts updates of the whole run",
    ],
  ]);
}

function expectEnd(end: LoopState, right: LoopState): void {
  const got = { step: end?.step, cursor: end?.cursor };
  expectEqual(got, { step: right.step, cursor: right.cursor }, {
    what: "step and cursor at the end",
    mistakes: [{
      when: end?.cursor?.batch === 2,
      says: "the cursor is that of the last batch: the place to go on from is batch.next",
    }],
  });
  for (const part of ["params", "optimizer"] as const) {
    const [values] = Object.values(end[part]), [wanted] = Object.values(right[part]);
    expectThat(
      values !== undefined && !values.isDisposed,
      `expected the ${part} at the end, got none that are alive`,
      [{ when: true, says: "the newest state is freed too: dispose of the one that it replaces" }],
    );
    expectClose(values, wanted, { what: `the ${part} at the end`, tolerance: 1e-4 });
  }
}

/** Begins in the middle of an epoch, as a resumed run does. */
function expectGoesOn(fit: Fit): void {
  const own = loopTask(), right = loopTask();
  const middle = { step: 2, cursor: { epoch: 0, batch: 2 } };
  const end = fit({ ...own.start(), ...middle }, { ...own.parts, epochs: 1 });
  const rightEnd = referenceFit({ ...right.start(), ...middle }, { ...right.parts, epochs: 1 });
  expectEqual(own.seen, right.seen, {
    what: "the examples from batch 2 of an epoch on",
    mistakes: [{
      when: own.seen.length === 3,
      says: "it starts the epoch again: loader.batches(start.cursor) goes on from a place",
    }],
  });
  expectClose(column(own.rows, "lr"), column(right.rows, "lr"), {
    what: "the rate of a run that has 2 steps behind it",
    mistakes: [{
      when: isNear(column(own.rows, "lr"), [lrOf(0)]),
      says: "steps are counted from 0 again: go on from start.step",
    }],
  });
  [end, rightEnd].forEach((state) => disposeParams(state.params, state.optimizer));
}

function expectNoLeak(fit: Fit): void {
  const left = (epochs: number) => {
    const { parts, start } = loopTask();
    return tensorsLeft(() => fit(start(), { ...parts, epochs }));
  };
  const perStep = (left(3) - left(1)) / 6;
  expectThat(perStep === 0, `expected no tensors left behind, got ${perStep} a step`, [
    {
      when: perStep <= 2,
      says: "weights and optimizer state of the step before must be freed: disposeParams",
    },
    { when: true, says: "what a step makes and does not hand on must be freed: tf.tidy" },
  ]);
}
