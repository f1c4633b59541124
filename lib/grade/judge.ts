import * as tf from "@tensorflow/tfjs";
import { differences, format, inspectShort } from "./differences.ts";
import type { AnyFunction, Exercise } from "./exercise.ts";
import { describe } from "./kind.ts";
import { toPlain } from "./plain.ts";
import { isRemote, type Observation, type Question, questionsOf } from "./observe.ts";

const TOLERANCE = 1e-5;

/** The result of checking an answer. */
export interface Judgement {
  /** The exercise's own questions that were answered right. */
  readonly right: readonly string[];
  /**
   * The questions that were answered wrong; empty if the answer is accepted. A question that every
   * answer is asked is listed only if it failed first: a later failure may follow from an earlier one.
   */
  readonly wrong: readonly string[];
  /** What was expected and what came, for the first question that was answered wrong. */
  readonly finding?: string;
  /** The mistake whose wrong answer gives the same results. */
  readonly mistake?: string;
  /** The answer's own error, if that is what came. */
  readonly error?: unknown;
}

/**
 * Asks an answer all questions of its exercise, and compares it with the reference.
 *
 * @param exercise The exercise.
 * @param answer What the student wrote.
 * @returns What was right, what was wrong, and which mistake it is; no tensor is left behind.
 *
 * @example
 * ```ts
 * import { exercise, judge } from "lib/grade/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const double = exercise<(x: number) => number>({
 *   name: "double",
 *   reference: (x: number) => 2 * x,
 *   returns: "number",
 *   cases: { "3": () => [3], "2": () => [2] },
 *   mistakes: { "that is the square, not the double": (x) => x * x },
 *   styles: {},
 * });
 * const { wrong, mistake } = await judge(double, (x: number) => x ** 2);
 * assertEquals(wrong, ["3"]); // 2 · 2 is 2² too
 * assertEquals(mistake, "that is the square, not the double");
 * ```
 */
export async function judge<Answer extends AnyFunction>(
  exercise: Exercise<Answer>,
  answer: unknown,
): Promise<Judgement> {
  if (typeof answer !== "function") {
    const finding = `expected a function, got ${describe(answer)}`;
    return { right: [], wrong: [exercise.name], finding };
  }
  // The types of the arguments are checked where exercises are written; here they are only passed on.
  const untyped = exercise as unknown as Exercise, asked = ASKED.get(untyped) ?? new Asked(untyped);
  ASKED.set(untyped, asked);
  return await asked.judge(answer as AnyFunction); // any function can be called and watched
}

/** Kept per exercise, so that the reference is asked each question only once. */
const ASKED = new WeakMap<Exercise, Asked>();

/** The questions of an exercise, with what the reference answers. */
class Asked {
  readonly #exercise: Exercise;
  readonly #questions: readonly Question[];
  readonly #expected: Observation[] = [];
  /** What the wrong answers gave: kept, because each judged answer needs the same results again. */
  readonly #given = new Map<AnyFunction, Observation[]>();

  constructor(exercise: Exercise) {
    this.#exercise = exercise;
    this.#questions = questionsOf(exercise);
  }

  async judge(answer: AnyFunction): Promise<Judgement> {
    const right: string[] = [], wrong: string[] = [], given: Observation[] = [];
    let first: number | undefined;
    for (const [i, question] of this.#questions.entries()) {
      if (question.isSlow && first !== undefined) break; // slow questions come last
      const expected = this.#expected[i] ??= await question.ask(this.#exercise.reference);
      const actual = await this.#ask(i, answer);
      given.push(actual);
      const isOwn = !question.isContract;
      if (this.#isSame(actual, expected)) {
        if (isOwn) right.push(question.what);
      } else {
        if (isOwn || first === undefined) wrong.push(question.what);
        first ??= i;
        if (isStub(actual)) break;
      }
    }
    if (first === undefined) return { right, wrong };
    const actual = given[first],
      question = this.#questions[first],
      expected = this.#expected[first];
    if (actual === undefined || question === undefined || expected === undefined) {
      throw new RangeError("Cannot judge: expected an observation for each question");
    }
    const finding = findingOf(question, { actual, expected, ...this.#settings() });
    const mistake = isStub(actual)
      ? undefined
      : await this.#mistakeOf(given, first) ?? this.#wrongErrorOf(given);
    return {
      right,
      wrong,
      finding,
      ...mistake !== undefined && { mistake },
      ...actual.kind === "thrown" && { error: actual.error },
    };
  }

  /** Asks an answer a question, in the process where the answer runs if the exercise says so. */
  async #ask(i: number, answer: AnyFunction): Promise<Observation> {
    const { name, asksBeside = false } = this.#exercise;
    if (asksBeside && isRemote(answer)) return await answer.observe(name, i);
    const question = this.#questions[i];
    if (question === undefined) throw new RangeError(`Cannot ask: expected a question ${i}`);
    return await question.ask(answer);
  }

  /** The name and the tolerance that messages and comparisons need. */
  #settings() {
    const { name, tolerance = TOLERANCE } = this.#exercise;
    return { name, tolerance };
  }

  /**
   * The first mistake whose wrong answer gives the same result to every question. Questions that every
   * answer is asked count only if the first wrong question is one of them: an answer may have two
   * mistakes at once, one of each sort.
   */
  async #mistakeOf(given: readonly Observation[], first: number): Promise<string | undefined> {
    for (const [says, wrong] of Object.entries(this.#exercise.mistakes)) {
      for (const answer of [wrong].flat()) {
        if (await this.#givesTheSame(answer, given, first)) return says;
      }
    }
    return undefined;
  }

  /** The mistake if only the class of an error is wrong: exercises need not list this mistake. */
  #wrongErrorOf(given: readonly Observation[]): string | undefined {
    let wanted: unknown;
    for (const [i, actual] of given.entries()) {
      const expected = this.#expected[i];
      if (expected === undefined || this.#isSame(actual, expected)) continue;
      if (actual.kind !== "thrown" || expected.kind !== "thrown") return undefined;
      wanted ??= expected.error;
    }
    return `the error should be ${nounOf(wanted)}: throw new ${nameOf(wanted)}(...)`;
  }

  async #givesTheSame(
    answer: AnyFunction,
    given: readonly Observation[],
    first: number,
  ): Promise<boolean> {
    // The question that was answered wrong comes first: it rules out most mistakes.
    const known = this.#given.get(answer) ?? [];
    this.#given.set(answer, known);
    const isAll = this.#questions[first]?.isContract === true;
    const order = [
      first,
      ...given.keys().filter((i) => i !== first && (isAll || !this.#questions[i]?.isContract)),
    ];
    for (const i of order) {
      const question = this.#questions[i], observed = given[i];
      if (question === undefined || observed === undefined) return false;
      const own = known[i] ??= await question.ask(answer);
      // Where an error is expected, its text is free. Elsewhere the text tells errors apart.
      const isAccident = this.#expected[i]?.kind !== "thrown";
      if (!this.#isSame(own, observed)) return false;
      if (isAccident && !isSameError(own, observed)) return false;
    }
    return true;
  }

  #isSame(actual: Observation, expected: Observation): boolean {
    if (actual.kind === "value" && expected.kind === "value") {
      return differences(actual.value, expected.value, this.#settings().tolerance).length === 0;
    }
    if (actual.kind === "breach" && expected.kind === "breach") {
      return ruleOf(actual.finding) === ruleOf(expected.finding);
    }
    if (actual.kind === "thrown" && expected.kind === "thrown") {
      return nameOf(actual.error) === nameOf(expected.error);
    }
    return false;
  }
}

/** Two errors are the same only if their messages agree, apart from numbers. */
function isSameError(a: Observation, b: Observation): boolean {
  if (a.kind !== "thrown" || b.kind !== "thrown") return true;
  return ruleOf(messageOf(a.error)) === ruleOf(messageOf(b.error));
}

/** A finding without its numbers, which may differ between two answers with the same mistake. */
function ruleOf(finding: string): string {
  return finding.replaceAll(/-?\d[\d.,]*(e[+-]?\d+)?/g, "#").replaceAll(/#(,#)+/g, "#");
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function isStub(observation: Observation): boolean {
  return observation.kind === "thrown" && observation.error instanceof Error &&
    observation.error.message.startsWith("not implemented");
}

interface Compared {
  readonly name: string;
  readonly actual: Observation;
  readonly expected: Observation;
  readonly tolerance: number;
}

/** What was expected and what came, in one sentence. */
function findingOf({ what, args }: Question, compared: Compared): string {
  const { actual, expected, name } = compared;
  const call = args === undefined ? what : tf.tidy(() => formatCall(name, args()));
  if (actual.kind === "breach") return actual.finding;
  if (actual.kind === "thrown") {
    if (isStub(actual)) return `expected your code, got a stub: ${messageOf(actual.error)}`;
    const rule = expected.kind === "thrown" ? nounOf(expected.error) : "it to run";
    return `expected ${rule} for ${call}, got ${nameOf(actual.error)}: ${messageOf(actual.error)}`;
  }
  if (expected.kind !== "value") {
    const error = expected.kind === "thrown" ? nounOf(expected.error) : "a refusal";
    return `expected ${error} for ${call}, got ${format(actual.value)}`;
  }
  return differenceOf(call, actual.value, expected.value, compared.tolerance);
}

function differenceOf(call: string, actual: unknown, expected: unknown, tolerance: number): string {
  const found = differences(actual, expected, tolerance), [first] = found;
  if (first === undefined) return `expected another result for ${call}`;
  const place = first.place.replace(/^\./, "").replace(/^\["([^"[\]]+)"\]$/, "$1"); // a name in words
  const others = found.length > 1 ? ` (${found.length} places differ)` : "";
  const part = place === "" || place.startsWith("[")
    ? `the result${place && ` at ${place}`}`
    : place;
  return `expected ${part} for ${call} to be ${first.expected}, got ${first.actual}${others}`;
}

function nounOf(error: unknown): string {
  const name = nameOf(error);
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : format(error);
}

const LONGEST_CALL = 240;

function formatCall(name: string, args: readonly unknown[]): string {
  const text = args.map((arg) => {
    if (typeof arg === "function") return "...";
    return inspectShort(toPlain(arg)); // shorter than typed arrays and tensors themselves
  }).join(", ");
  return `${name}(${text.length > LONGEST_CALL ? `${text.slice(0, LONGEST_CALL)} …` : text})`;
}
