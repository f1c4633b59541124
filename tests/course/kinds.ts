/**
 * Kinds of wrong answers that can be made of any right one: each is the reference of an exercise with
 * one thing done wrong, whatever the exercise is.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type AnyFunction, type Exercise, isRecord, tensorsIn } from "lib/grade/mod.ts";

/** A kind of wrong answer. */
export interface Kind {
  readonly name: string;
  /** Makes a wrong answer of a right one; undefined where the kind makes no sense. */
  readonly spoil: (exercise: Exercise) => AnyFunction | undefined;
}

type Loose = (...args: unknown[]) => unknown;

/** The arguments of the first case; undefined where an exercise has none. */
function firstArguments({ cases = {} }: Exercise): readonly unknown[] | undefined {
  return Object.values(cases)[0]?.();
}

/** What the reference gives for the first case; undefined if it throws, or there is no case. */
function firstResult(exercise: Exercise): unknown {
  const args = firstArguments(exercise);
  if (args === undefined) return undefined;
  try {
    return (exercise.reference as Loose)(...args);
  } catch {
    return undefined;
  }
}

/** The reference with its result changed; undefined where the change does not apply to it. */
function altered(
  exercise: Exercise,
  change: (result: unknown) => unknown,
): AnyFunction | undefined {
  const result = firstResult(exercise);
  if (result === undefined || change(result) === result) return undefined;
  return (...args) => change((exercise.reference as Loose)(...args));
}

function changeArrays(
  value: unknown,
  change: (array: Int32Array | Float32Array) => unknown,
): unknown {
  if (value instanceof Int32Array || value instanceof Float32Array) return change(value);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, part]) =>
    [key, changeArrays(part, change)] as const
  );
  return entries.some(([key, part]) => part !== value[key]) ? Object.fromEntries(entries) : value;
}

function changeTensors(value: unknown, change: (tensor: tf.Tensor) => tf.Tensor): unknown {
  if (value instanceof tf.Tensor) return change(value);
  if (Array.isArray(value)) {
    return value.some(hasTensor) ? value.map((p) => changeTensors(p, change)) : value;
  }
  if (!isRecord(value) || !hasTensor(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, changeTensors(part, change)]),
  );
}

const hasTensor = (value: unknown) => tensorsIn(value).length > 0;

/** The first list or typed array among arguments that has something in it to be changed. */
function listIn(
  args: readonly unknown[],
): { [place: number]: unknown; length: number } | undefined {
  for (const arg of args) {
    const isList = Array.isArray(arg) || arg instanceof Int32Array || arg instanceof Float32Array;
    if (isList && arg.length > 0) return arg as { [place: number]: unknown; length: number };
  }
  return undefined;
}

/** Whether a value is a list, a typed array, a map, a set or a record. */
function isContainer(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Map ||
    value instanceof Set || isRecord(value);
}

/** Empties every container in a value; typed arrays get zeros. */
function empty(value: unknown): void {
  if (value instanceof Map || value instanceof Set) value.clear();
  if (value instanceof Int32Array || value instanceof Float32Array) value.fill(0);
  if (Array.isArray(value)) { for (const part of value.splice(0)) empty(part); }
  if (!isRecord(value)) return;
  for (const [key, part] of Object.entries(value)) {
    empty(part);
    delete value[key];
  }
}

/** All kinds; those of tensors tell nothing where no tensor comes in or out. */
export const KINDS: readonly Kind[] = [
  {
    name: "returns nothing",
    spoil: ({ returns, reference }) =>
      returns === "nothing" ? undefined : (...args) => void (reference as Loose)(...args),
  },
  {
    name: "returns a Promise",
    spoil: ({ reference }) =>
      reference.constructor.name === "AsyncFunction"
        ? undefined
        : async (...args) => await (reference as Loose)(...args),
  },
  {
    name: "rejects",
    spoil: () => () => Promise.reject(new Error("lost")),
  },
  {
    name: "plain lists for typed arrays",
    spoil: (exercise) => altered(exercise, (value) => changeArrays(value, (array) => [...array])),
  },
  {
    name: "another typed array",
    spoil: (exercise) =>
      altered(
        exercise,
        (value) =>
          changeArrays(value, (array) =>
            array instanceof Int32Array ? Float32Array.from(array) : Int32Array.from(array)),
      ),
  },
  {
    name: "tensors of another type",
    spoil: (exercise) =>
      altered(
        exercise,
        (value) =>
          changeTensors(value, (tensor) =>
            tensor.cast(tensor.dtype === "int32" ? "float32" : "int32")),
      ),
  },
  {
    name: "a member with another name",
    spoil: (exercise) =>
      altered(exercise, (value) => {
        if (!isRecord(value) || exercise.returns === "params") return value;
        return Object.fromEntries(Object.entries(value).map(([key, part]) => [`${key}s`, part]));
      }),
  },
  {
    name: "a list for a record",
    spoil: (exercise) =>
      altered(exercise, (value) => isRecord(value) ? Object.values(value) : value),
  },
  {
    name: "empties all of its input",
    spoil: (exercise) => {
      const { reference, changesInput } = exercise, args = firstArguments(exercise);
      // A generator runs only later, and might wait for ever for what it was given.
      const isGenerator = reference.constructor.name.includes("Generator");
      if (changesInput || isGenerator || !args?.some(isContainer)) return undefined;
      return (...given) => {
        const result = (reference as Loose)(...given);
        for (const arg of given) empty(arg);
        return result;
      };
    },
  },
  {
    name: "changes its input",
    spoil: (exercise) => {
      const args = firstArguments(exercise);
      if (exercise.changesInput || args === undefined || listIn(args) === undefined) {
        return undefined;
      }
      return (...given) => {
        const result = (exercise.reference as Loose)(...given), list = listIn(given);
        if (list !== undefined) list[0] = typeof list[0] === "number" ? list[0] + 1 : null;
        return result;
      };
    },
  },
  {
    name: "frees a tensor that it was given",
    spoil: (exercise) => {
      if (exercise.changesInput || !hasTensor(firstArguments(exercise))) return undefined;
      return (...given) => {
        const result = (exercise.reference as Loose)(...given);
        tensorsIn(given).at(-1)?.dispose();
        return result;
      };
    },
  },
  {
    name: "numbers read out and put in again",
    spoil: (exercise) => {
      if (!exercise.gradients && !exercise.compiled) return undefined;
      return altered(
        exercise,
        (value) =>
          changeTensors(
            value,
            (tensor) => tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype),
          ),
      );
    },
  },
  {
    name: "uses Math.random()",
    spoil: ({ reference }) => (...args) => {
      Math.random();
      return (reference as Loose)(...args);
    },
  },
  {
    name: "the arguments of the first case in place of its own",
    spoil: (exercise) => {
      const { cases = {}, reference, returns } = exercise;
      if (Object.keys(cases).length < 2 || returns === "nothing") return undefined;
      return () => (reference as Loose)(...firstArguments(exercise) ?? []);
    },
  },
  {
    name: "an Error for every error",
    spoil: (exercise) => {
      const isRefusing = Object.values(exercise.cases ?? {}).some((args) => {
        try {
          (exercise.reference as Loose)(...args());
          return false;
        } catch (error) {
          return error instanceof RangeError || error instanceof TypeError;
        }
      });
      if (!isRefusing) return undefined;
      return (...args) => {
        try {
          return (exercise.reference as Loose)(...args);
        } catch {
          throw new Error("no");
        }
      };
    },
  },
];
