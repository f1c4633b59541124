import { IGNORE_INDEX, padBatch, type PaddedBatch } from "lib/data/mod.ts";
import { expectList, gives, isSame, kindOf } from "./_data_cases.ts";
import { check, expectClose, expectEqual, expectThat, type Mistake } from "./check.ts";

/** One example, ready to be learned from. */
export interface ShiftedExample {
  /** What the model reads: int32 [T]. */
  readonly ids: Int32Array;
  /** What it should predict at each place: int32 [T]. */
  readonly labels: Int32Array;
}

/** What a student writes in exercise 1.4b: from examples to a batch. */
export type PadBatch = (
  examples: readonly Int32Array[],
  options: { readonly padId: number; readonly length?: number },
) => PaddedBatch;

/**
 * Checks exercise 1.4a, what the model reads of a sentence and what it should predict.
 *
 * @param shiftExample The student's function: from the n ids of a sentence to n − 1 ids and labels.
 * @throws {CheckError} If labels are not the next id, or `<bos>` or `<eos>` is in the wrong place.
 *
 * @example
 * ```ts
 * import { checkShiftExample } from "lib/grade/mod.ts";
 *
 * await checkShiftExample((ids) => ({ ids: ids.slice(0, -1), labels: ids.slice(1) }));
 * ```
 */
export async function checkShiftExample(
  shiftExample: (ids: Int32Array) => ShiftedExample,
): Promise<void> {
  await check("shiftExample", () => {
    const example = Int32Array.of(1, 4, 6, 7, 2), result: unknown = shiftExample(example);
    expectEqual(example, [1, 4, 6, 7, 2], {
      what: "the ids given",
      mistakes: [{ when: true, says: "the input is changed: slice makes a copy" }],
    });
    const { ids, labels } = membersOf(result, ["ids", "labels"]);
    const what = { ids: "ids of [1, 4, 6, 7, 2]", labels: "labels of [1, 4, 6, 7, 2]" };
    expectEqual(labels, [4, 6, 7, 2], { what: what.labels, mistakes: labelMistakes(labels) });
    expectEqual(ids, [1, 4, 6, 7], {
      what: what.ids,
      mistakes: [
        gives(ids, [1, 4, 6, 7, 2], "<eos> is read: nothing comes after it to be predicted"),
        gives(ids, [4, 6, 7, 2], "these are the labels: the model reads <bos> first"),
        gives(ids, [4, 6, 7], "<bos> is not read: without it the first word has no place"),
      ],
    });
  });
}

function labelMistakes(labels: unknown): Mistake[] {
  return [
    gives(labels, [1, 4, 6, 7], NOT_SHIFTED),
    gives(labels, [1, 4, 6, 7, 2], NOT_SHIFTED),
    gives(labels, [6, 7, 2], "labels are shifted twice: the label of place t is id t + 1"),
    gives(
      labels,
      [6, 7, 2, IGNORE_INDEX],
      "labels are shifted twice: the label of place t is id t + 1",
    ),
    gives(labels, [4, 6, 7], "<eos> is not predicted: the model would never learn to stop"),
    gives(labels, [4, 6, 7, IGNORE_INDEX], "<eos> is not predicted: the model would never stop"),
    gives(labels, [IGNORE_INDEX, 1, 4, 6, 7], "shifted the wrong way: the label is the next id"),
    gives(labels, [4, 6, 7, 2, IGNORE_INDEX], "one place too many: nothing comes after <eos>"),
  ];
}

const NOT_SHIFTED =
  "labels are not shifted: the model would learn to copy what it reads, to loss 0";

/**
 * What fills up: an id of its own; `<eos>`, as often with GPT-2's tokenizer; `<unk>`, as with Llama's.
 * With the latter two only places tell pads.
 */
const PADS = new Map([[0, "<pad>"], [2, "<eos>"], [3, "<unk>"]]);

const EXAMPLES = [Int32Array.of(1, 7, 2), Int32Array.of(1, 4, 3, 7, 2), Int32Array.of(1, 4, 6, 2)];

/**
 * Checks exercise 1.4b, a batch with its mask and its labels.
 *
 * @param padBatch The student's function: from examples and the id that fills up to a batch [B, T].
 * @throws {CheckError} If shape, ids, mask or labels are wrong, or a long example is cut off.
 *
 * @example
 * ```ts
 * import { padBatch } from "lib/data/mod.ts";
 * import { checkPadBatch } from "lib/grade/mod.ts";
 *
 * await checkPadBatch(padBatch);
 * ```
 */
export async function checkPadBatch(student: PadBatch): Promise<void> {
  await check("padBatch", () => {
    for (const padId of PADS.keys()) expectBatch(student, padId);
    const longer = membersOf(student(EXAMPLES, { padId: 0, length: 6 }), ["shape"]);
    expectEqual(longer.shape, [3, 6], {
      what: "the shape at length 6",
      mistakes: [gives(longer.shape, [3, 4], "the option length is not used")],
    });
    expectThat(
      throwsRangeError(() => student(EXAMPLES, { padId: 0, length: 3 })),
      "expected a RangeError for 4 positions at length 3, got none",
      [{
        when: true,
        says: "a long example is cut off without a word: truncating silently loses its <eos>",
      }],
    );
  });
}

function expectBatch(student: PadBatch, padId: number): void {
  const expected = padBatch(EXAMPLES, { padId });
  const batch = membersOf(student(EXAMPLES, { padId }), ["ids", "mask", "labels", "shape"]);
  const named = (what: string) =>
    padId === 0 ? what : `${what} where ${PADS.get(padId)} fills up, padId ${padId},`;
  expectEqual(batch.shape, expected.shape, {
    what: named("the shape [B, T] of examples of 3, 5 and 4 ids"),
    mistakes: [
      gives(batch.shape, [3, 5], "n ids give n - 1 positions: the last one is only predicted"),
      gives(batch.shape, [3, 2], "T is the first example's: take the longest"),
      gives(batch.shape, [4, 3], "B and T have changed places"),
      { when: () => lengthOf(batch.shape) !== 2, says: "the shape is the pair [B, T]" },
    ],
  });
  expectEqual(batch.ids, expected.ids, {
    what: named("ids, row by row,"),
    mistakes: idMistakes(batch.ids, padId),
  });
  expectEqual(batch.labels, expected.labels, {
    what: named("labels, row by row,"),
    mistakes: batchLabelMistakes(batch.labels, expected, padId),
  });
  expectEqual(batch.mask, expected.mask, {
    what: named("the mask, row by row,"),
    mistakes: maskMistakes(batch.mask, expected),
  });
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function idMistakes(ids: unknown, padId: number): Mistake[] {
  const rows = (fill: (row: readonly number[]) => number[]) =>
    EXAMPLES.flatMap((example) => fill([...example.slice(0, -1)]));
  const pads = (row: readonly number[]) => Array<number>(4 - row.length).fill(padId);
  return [
    gives(ids, rows((row) => [...pads(row), ...row]), "pads stand on the left: fill up at the end"),
    gives(
      ids,
      EXAMPLES.flatMap((example) => [...example.slice(1), ...pads([...example.slice(1)])]),
      "these are the labels: the model reads <bos> first",
    ),
    gives(
      ids,
      EXAMPLES.flatMap((example) => [...example, padId, padId].slice(0, 4)),
      "<eos> is read in the shorter rows: each row ends one id before its <eos>",
    ),
    { when: lengthOf(ids) === 3, says: "one flat array of B * T ids, no list of rows" },
    {
      when: () => padId !== 0 && isSame(ids, padBatch(EXAMPLES, { padId: 0 }).ids),
      says: "the pad is written as 0: use padId",
    },
  ];
}

function batchLabelMistakes(labels: unknown, expected: PaddedBatch, padId: number): Mistake[] {
  const withPads = (fill: number) => expected.labels.map((id) => id === IGNORE_INDEX ? fill : id);
  const inputs = padBatch(EXAMPLES, { padId }).ids;
  const unshifted = expected.labels.map((id, i) => id === IGNORE_INDEX ? id : inputs[i] ?? id);
  const twice = EXAMPLES.flatMap((example) =>
    [...example.slice(2), ...Array(4).fill(-100)].slice(0, 4)
  );
  const told = expected.labels.map((id) => id === padId ? IGNORE_INDEX : id);
  const noEnd = expected.labels.map((id) => id === 2 ? IGNORE_INDEX : id);
  return [
    gives(labels, withPads(0), PAD_IS_LEARNED),
    gives(labels, withPads(padId), PAD_IS_LEARNED),
    gives(labels, withPads(-1), "the label that is left out is -100, IGNORE_INDEX"),
    gives(labels, unshifted, NOT_SHIFTED),
    gives(labels, inputs, NOT_SHIFTED),
    gives(labels, twice, "labels are shifted twice: the label of place t is id t + 1"),
    {
      when: () => padId !== 0 && isSame(labels, told),
      says: `pads are told by their id, so each real ${PADS.get(padId)} is left out too: ` +
        "tell them by their place",
    },
    gives(labels, noEnd, "<eos> is not predicted: the model would never learn to stop"),
  ];
}

const PAD_IS_LEARNED = "pads carry a label: the model would learn to predict pads; put -100 there";

function maskMistakes(mask: unknown, expected: PaddedBatch): Mistake[] {
  return [
    gives(mask, expected.mask.map((bit) => 1 - bit), "the mask is inverted: 1 is where to attend"),
    gives(mask, expected.mask.map(() => 1), "the mask is 1 everywhere: pads would be attended to"),
    {
      when: () => isSame(Array.from(mask as ArrayLike<unknown>, Number), expected.mask), // else it throws: not this one
      says: "true and false are no numbers: the mask is multiplied with, so write 1 and 0",
    },
    {
      when: true,
      says:
        "is the mask made from the ids? An id can stand at a pad and in a sentence: go by places",
    },
  ];
}

function membersOf<K extends string>(value: unknown, names: readonly K[]): Record<K, unknown> {
  const isRecord = typeof value === "object" && value !== null;
  expectThat(isRecord, `expected { ${names.join(", ")} }, got ${kindOf(value)}`, [
    { when: value === undefined, says: "the function returns nothing: is a return missing?" },
  ]);
  const members: Partial<Record<K, unknown>> = {};
  for (const name of names) {
    members[name] = Reflect.get(value, name);
    expectList(members[name], name);
  }
  return members as Record<K, unknown>; // every name was set right above
}

function throwsRangeError(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    return error instanceof RangeError;
  }
}

/**
 * Checks exercise 1.4c, the mean loss over the targets that count.
 *
 * @param meanLoss The student's function: from losses and labels, both [B · T], to nats a target.
 * @throws {CheckError} If pads count, or targets that count do not.
 *
 * @example
 * ```ts
 * import { checkMeanLoss } from "lib/grade/mod.ts";
 *
 * await checkMeanLoss((losses, labels) => {
 *   const counted = Array.from(losses).filter((_, i) => labels[i] !== -100);
 *   return counted.reduce((sum, loss) => sum + loss, 0) / counted.length;
 * });
 * ```
 */
export async function checkMeanLoss(
  meanLoss: (losses: ArrayLike<number>, labels: ArrayLike<number>) => number,
): Promise<void> {
  await check("meanLoss", () => {
    // The word The costs nothing, <unk> has id 3, and id 0 is a token like others: all three count.
    const labels = [4, 6, 7, 2, 4, 0, 2, IGNORE_INDEX], losses = [0, 5, 6, 1, 0, 4, 2, 9];
    const mean = meanLoss(Float32Array.from(losses), Int32Array.from(labels));
    const near = (wrong: number) => Math.abs(mean - wrong) < 1e-5;
    expectClose(mean, 18 / 7, {
      what: "the mean loss of 7 targets and a pad",
      mistakes: [
        { when: near(27 / 8), says: "a mean over pads: leave out where the label is -100" },
        {
          when: near(18 / 8),
          says: "the pad's loss is left out of the sum, and counted in the mean",
        },
        { when: near(27 / 7), says: "the pad's loss is in the sum: leave it out there too" },
        { when: near(18), says: "this is the sum: divide by the number of targets that count" },
        { when: near(18 / 5) || near(27 / 6), says: "losses of 0 count too: The is always right" },
        { when: near(14 / 6) || near(23 / 7), says: "pads are told by label -100, not by id 0" },
        { when: near(18 / 2), says: "divided by the rows: a mean is over targets" },
        { when: near((3 + 2) / 2), says: "a mean of the rows' means: short rows would weigh more" },
      ],
    });
  });
}
