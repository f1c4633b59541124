import * as tf from "@tensorflow/tfjs";
import { expectThat, refuse } from "./expectations.ts";
import { differences } from "./differences.ts";
import type { AnyFunction, Exercise } from "./exercise.ts";
import { kindProblem } from "./kind.ts";
import { tensorsIn, toPlain } from "./plain.ts";

/**
 * Wraps an answer so that each call is checked for the rules of every answer: it returns the kind of value
 * that was asked for, does not change its arguments, and frees only tensors that it made.
 *
 * @param exercise What the answer should be.
 * @param answer The student's function.
 * @returns A function that throws a `CheckError` if a rule is broken, and otherwise returns the result.
 */
export function watched(exercise: Exercise, answer: AnyFunction): AnyFunction {
  return (...args) => {
    const before = exercise.changesInput ? [] : toPlain(args), tensors = countTensors();
    const finish = (result: unknown) => {
      expectKind(exercise, result);
      if (!exercise.changesInput) expectUnchanged(args, before);
      if (exercise.freesTensors) expectFreed(tensors, result);
      return result;
    };
    const result = answer(...args);
    if (!(result instanceof Promise)) return finish(result);
    return isAsync(exercise) ? result.then(finish) : finish(result);
  };
}

/** Whether the answer of an exercise is an async function. */
export function isAsync({ reference }: Exercise): boolean {
  return reference.constructor.name === "AsyncFunction";
}

/**
 * Refuses a result of another kind than the exercise asks for.
 *
 * @param exercise What the answer should be.
 * @param result What it returned.
 * @throws {CheckError} If the kind is wrong; the message names the most common reasons.
 */
export function expectKind(exercise: Exercise, result: unknown): void {
  const problem = kindProblem(result, exercise.returns);
  if (problem === undefined) return;
  // The Promise itself is the mistake. If it rejects later, nothing waits for it: ignore that.
  if (result instanceof Promise) result.catch(() => {});
  refuse(`${problem}${reasonOf(result, problem)}`);
}

function reasonOf(result: unknown, problem: string): string {
  if (result === undefined) return "; the function returns nothing: is a `return` missing?";
  if (result instanceof Promise) {
    return "; you returned a Promise: is `async` wrong here, or is an `await` missing?";
  }
  if (problem.endsWith("got a Promise")) return "; a Promise is no value: is an `await` missing?";
  return "";
}

/**
 * Refuses a call that changed its arguments or freed their tensors.
 *
 * @param args The arguments after the call.
 * @param before The arguments before it, as `toPlain` gives them.
 * @throws {CheckError} If they differ; the message names the place.
 */
export function expectUnchanged(args: readonly unknown[], before: unknown): void {
  expectThat(
    tensorsIn(args).every(({ isDisposed }) => !isDisposed),
    "expected the arguments to stay as they are, got one of their tensors disposed of; " +
      "free only what your function made",
  );
  const [change] = differences(toPlain(args), before, 0);
  if (change === undefined) return;
  const { place, actual, expected } = change;
  refuse(
    `expected the arguments to stay as they are, got ${expected} changed to ${actual} at ` +
      `arguments${place}; work on a copy: [...list], list.slice(), list.toSorted()`,
  );
}

function countTensors(): number {
  return tf.memory().numTensors;
}

function expectFreed(before: number, result: unknown): void {
  const left = countTensors() - before - new Set(tensorsIn(result)).size;
  expectThat(
    left <= 0,
    `expected no tensors left behind, got ${left}; put the work into tf.tidy(() => ...), which frees ` +
      "all but what it returns",
  );
}
