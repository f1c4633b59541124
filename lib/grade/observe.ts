import * as tf from "@tensorflow/tfjs";
import { compile } from "lib/backend/mod.ts";
import { Random } from "lib/core/mod.ts";
import { copyData } from "./copy_data.ts";
import { CheckError, expectThat, refuse } from "./expectations.ts";
import { differences } from "./differences.ts";
import type { AnyFunction, Exercise } from "./exercise.ts";
import { describe } from "./kind.ts";
import { isRecord, PlainTensor, tensorsIn, toPlain, withTensors } from "./plain.ts";
import { expectKind, expectUnchanged, watched } from "./watch.ts";

/** What an answer gave when it was asked a question. */
export type Observation =
  /** A value, as plain data. */
  | { readonly kind: "value"; readonly value: unknown }
  /** A broken rule: the answer did something that no right answer does. */
  | { readonly kind: "breach"; readonly finding: string }
  /** An error that the answer itself threw. */
  | { readonly kind: "thrown"; readonly error: unknown };

/** A question to an answer. */
export interface Question {
  /** Its name in messages. */
  readonly what: string;
  /** Asks an answer. */
  readonly ask: (answer: AnyFunction) => Promise<Observation>;
  /** The arguments, if messages show them: only for drawn cases. */
  readonly args?: () => readonly unknown[];
  /** Whether every answer is asked this, in any exercise: it does not tell mistakes apart. */
  readonly isContract?: boolean;
  /** Whether it takes long: it is left out if a quicker question was answered wrong. */
  readonly isSlow?: boolean;
}

const DRAWN_COUNT = 12, REPEATED = "the same call once more", DEEPEST = 60;
const DRAWN = "drawn case ";

/** Whether the name of a question is that of a case that was drawn at random. */
export function isDrawn(what: string): boolean {
  return what.startsWith(DRAWN);
}

/**
 * Lists what an exercise asks, small named cases first.
 *
 * @param exercise The exercise.
 */
export function questionsOf(exercise: Exercise): Question[] {
  const { cases = {}, drawn, drawnCount = DRAWN_COUNT, probes = {}, properties = {} } = exercise;
  const calls = Object.entries(cases);
  const drawnCalls = drawn === undefined ? [] : Array.from({ length: drawnCount }, (_, i) => {
    const args = () => drawn(new Random(i + 1), i);
    return { what: `${DRAWN}${i + 1}`, args, ask: callOf(exercise, args) };
  });
  const [firstCall] = calls;
  const called = calls.map(([what, args]) => ({ what, ask: callOf(exercise, args) }));
  return [
    ...called.slice(0, 1),
    ...firstCall === undefined ? [] : [repeatOf(exercise, firstCall[1])],
    ...called.slice(1),
    ...Object.entries(probes).map(([what, probe]) => ({
      what,
      ask: (answer: AnyFunction) => observe(() => probe(spared(exercise, answer))),
    })),
    ...Object.entries(properties).map(([what, property]) => ({
      what,
      ask: (answer: AnyFunction) => observe(() => findingOf(property(spared(exercise, answer)))),
    })),
    ...exercise.gradients
      ? calls.slice(0, 2).map(([what, args]) => gradientOf(exercise, what, args))
      : [],
    ...drawnCalls,
    ...exercise.compiled && firstCall !== undefined ? [compiledOf(exercise, ...firstCall)] : [],
  ];
}

/** Runs a function, observes its result, and frees all tensors that it made. */
async function observe(act: () => unknown): Promise<Observation> {
  const { random } = Math, { trackTensor } = tf.engine(), { stackTraceLimit } = Error;
  const made: tf.Tensor[] = [];
  // A tensor scope is not enough: it does not free the tensors that an answer keeps, nor those that it
  // leaves when it throws an error in the middle.
  tf.engine().trackTensor = (tensor, backend) => {
    made.push(tensor);
    trackTensor.call(tf.engine(), tensor, backend);
  };
  Math.random = refuseMathRandom;
  Error.stackTraceLimit = DEEPEST; // ten or more frames of TensorFlow.js stand above the student's line
  try {
    return { kind: "value", value: toPlain(await act()) };
  } catch (error) {
    if (error instanceof CheckError) return { kind: "breach", finding: error.finding };
    return { kind: "thrown", error };
  } finally {
    Math.random = random;
    Error.stackTraceLimit = stackTraceLimit;
    tf.engine().trackTensor = trackTensor;
    for (const tensor of made) if (!tensor.isDisposed) tensor.dispose();
  }
}

/** Stands in for `Math.random` while an answer is asked. */
export function refuseMathRandom(): never {
  refuse(
    "expected draws that a seed repeats, got a call of Math.random(); use the generator you are given",
  );
}

function callOf(exercise: Exercise, args: () => readonly never[]): Question["ask"] {
  return (answer) => observe(async () => (await callOnce(exercise, answer, args())).plain);
}

/**
 * The arguments to hand over. They are copies, unless changing them is the task: cases may share their
 * data, and an answer that changes it must not spoil what later answers are asked.
 */
function sparing<T extends readonly unknown[]>({ changesInput }: Exercise, args: T): T {
  return changesInput ? args : copyData(args);
}

/** A watched answer that is given copies. */
function spared(exercise: Exercise, answer: AnyFunction): AnyFunction {
  const call = watched(exercise, answer);
  return (...args) => call(...sparing(exercise, args));
}

async function callOnce(exercise: Exercise, answer: AnyFunction, shared: readonly never[]) {
  const args = sparing(exercise, shared);
  // Looked at again after `read`: a generator runs only while its items are read.
  const isReadLater = exercise.read !== undefined && !exercise.changesInput;
  const before = isReadLater ? toPlain(args) : [];
  const result = await watched(exercise, answer)(...args);
  const plain = toPlain(readOf(exercise, result, args));
  if (isReadLater) expectUnchanged(args, before);
  return { plain, result };
}

/** The same data; functions and objects, which are new at each call, become a few words. */
function withoutObjects(value: unknown): unknown {
  if (value instanceof PlainTensor) return value;
  if (Array.isArray(value)) return value.map(withoutObjects);
  if (isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, withoutObjects(part)]),
    );
  }
  return typeof value === "function" || typeof value === "object" ? describe(value) : value;
}

/** The part of a result that is compared; its kind has been checked before. */
function readOf(exercise: Exercise, result: unknown, args: readonly unknown[]): unknown {
  return exercise.read?.(result as never, [...args] as never[]) ?? result; // the types of its answer
}

/** Asks twice: an answer that keeps something between calls gives another result the second time. */
function repeatOf(exercise: Exercise, args: () => readonly never[]): Question {
  const ask = (answer: AnyFunction) =>
    observe(async () => {
      // All of the result too: `read` may select only what is fixed, such as sorted ids.
      const call = async () => {
        const { plain, result } = await callOnce(exercise, answer, args());
        return { plain, whole: withoutObjects(toPlain(result)) };
      };
      const once = await call(), again = await call();
      const [change] = [
        ...differences(again.plain, once.plain, 0),
        ...differences(again.whole, once.whole, 0),
      ];
      if (change === undefined) return true;
      const { place, actual, expected } = change;
      refuse(
        `expected the same result from the same call, got ${expected} first and ${actual} then` +
          `${place && ` at ${place}`}; does your function keep something from call to call?`,
      );
    });
  return { what: REPEATED, ask, isContract: true };
}

async function findingOf(found: unknown): Promise<true> {
  const finding = await found;
  if (typeof finding === "string") refuse(finding);
  return true;
}

/** The gradient of a weighted sum of the result with respect to the arguments' float tensors. */
function gradientOf(exercise: Exercise, what: string, args: () => readonly never[]): Question {
  const ask = (answer: AnyFunction) =>
    observe(() => {
      const given = sparing(exercise, args()), { gradients: chosen } = exercise;
      const among = typeof chosen === "function" ? chosen(...given) : given;
      const inputs = tensorsIn(among).filter(({ dtype }) => dtype === "float32");
      const loss = () => {
        const result = answer(...given);
        expectKind(exercise, result);
        return weightedSum(tensorsIn(readOf(exercise, result, given)));
      };
      const { grads } = tf.engine().gradients(loss, inputs, undefined, true);
      const gradients: readonly (tf.Tensor | undefined)[] = grads; // the type omits the missing ones
      expectThat(
        gradients.some((gradient) => gradient !== undefined),
        "expected gradients to pass through, got none; are numbers read out (dataSync, arraySync) and " +
          "put in again? Stay with tensors",
      );
      return gradients.map((gradient) => gradient ?? "no gradient");
    });
  return { what: `the gradients by each tensor that is given, for ${what}`, ask, isContract: true };
}

/** A sum in which each number has another weight, so that two swapped numbers change the sum. */
function weightedSum(results: readonly tf.Tensor[]): tf.Scalar {
  const sums = results.filter(({ dtype }) => dtype === "float32").map((result) => {
    const weights = tf.range(0, result.size).mul(0.7).cos().add(1.5).reshape(result.shape);
    return result.mul(weights).sum();
  });
  return sums.reduce((sum, part) => sum.add(part), tf.scalar(0)).asScalar();
}

/** An answer that runs in another process. */
export interface RemoteAnswer extends AnyFunction {
  /** Compiles the answer where it runs, and calls it. */
  readonly compiled: (args: readonly unknown[], name: string) => unknown;
  /** Asks it one question of an exercise, by index, in the process where the answer runs. */
  readonly observe: (exercise: string, question: number) => Promise<Observation>;
}

/** Whether an answer runs in another process. */
export function isRemote(answer: AnyFunction): answer is RemoteAnswer {
  return "compiled" in answer && typeof answer.compiled === "function";
}

function compiledOf(exercise: Exercise, what: string, args: () => readonly never[]): Question {
  const ask = (answer: AnyFunction) =>
    observe(() => {
      const given = sparing(exercise, args());
      // An answer in another process cannot be recorded here: it is compiled in that process.
      if (isRemote(answer)) {
        const result = answer.compiled(given, exercise.name);
        expectKind(exercise, result);
        return tensorsIn(readOf(exercise, result, given));
      }
      const step = compile((tensors) => {
        const inputs = withTensors(given, tensors as tf.Tensor[]); // a list was passed
        const result = answer(...inputs);
        expectKind(exercise, result);
        return tensorsIn(readOf(exercise, result, inputs));
      }, { mode: "graph", name: exercise.name });
      return step(tensorsIn(given));
    });
  return { what: `the compiled result for ${what}`, ask, isContract: true, isSlow: true };
}
