import type { Verdict } from "lib/remote/mod.ts";
import type { Item, ItemResult, ItemStatus } from "./results.ts";

/** How points are given. */
export interface Policy {
  /** Half the points if at least half of the questions are right, or points only if all are right. */
  readonly partial: "half" | "none";
  /** Whether an answer that only calls the library's own function gets points. */
  readonly copies: "count" | "refuse";
}

/** The run of an item's check. */
export interface Run {
  /** How the check's cell ended. */
  readonly status: "ok" | "error" | "time" | "limit" | "output" | "dead" | "skipped";
  /** Why, in a few words. */
  readonly reason: string;
  /** The result of the check; null if there is none. */
  readonly verdict: Verdict | null;
  /** The error of the check's cell; empty if it had none. */
  readonly error: string;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** Whether the answer only calls the library's own function. */
  readonly isCopy: boolean;
}

const LOST: Readonly<Record<string, string>> = {
  time: "expected an end, got none within",
  limit: "expected less to be used, got",
  output: "expected less output, got more than",
  dead: "expected the kernel to live, got its end:",
  skipped: "expected the check to run, got",
};

/**
 * Gives the points of an item.
 *
 * @param item What is graded.
 * @param run The run of its check.
 * @param policy How points are given.
 *
 * @example
 * ```ts
 * import { scoreOf } from "lib/classroom/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const item = { id: "double-test", exercise: "double", points: 2, isWritten: false, hint: "" };
 * const verdict = { isRight: false, right: ["0", "2"], wrong: ["3"], finding: "expected 6", mistake: "", hidden: "", isForged: false };
 * const run = { status: "error", reason: "", verdict, error: "", seconds: 0, isCopy: false } as const;
 * assertEquals(scoreOf(item, run, { partial: "half", copies: "count" }).points, 1);
 * assertEquals(scoreOf(item, run, { partial: "none", copies: "count" }).points, 0);
 * ```
 */
export function scoreOf(item: Item, run: Run, policy: Policy): ItemResult {
  const { verdict } = run, status = statusOf(run, policy);
  const share = status === "right" ? 1 : status === "partial" ? 0.5 : 0;
  const failsHidden = verdict?.isRight === true && verdict.hidden !== "";
  return {
    id: item.id,
    exercise: item.exercise,
    points: share * item.points,
    most: item.points,
    status,
    finding: findingOf(run, status, failsHidden),
    mistake: verdict?.mistake ?? "",
    failsHidden,
    isCopy: run.isCopy,
    text: "",
    hint: status === "right" ? "" : item.hint,
    seconds: run.seconds,
  };
}

function statusOf({ status, verdict, isCopy }: Run, { partial, copies }: Policy): ItemStatus {
  if (status in LOST && verdict?.isForged !== true) return "lost";
  if (verdict === null) return "wrong";
  if (isCopy && copies === "refuse") return "wrong";
  if (verdict.isRight && verdict.hidden === "") return "right";
  if (/^expected your code, got a stub/.test(verdict.finding)) return "empty";
  const { right, wrong } = verdict, isHalf = right.length > 0 && right.length >= wrong.length;
  return partial === "half" && isHalf ? "partial" : "wrong";
}

function findingOf(run: Run, status: ItemStatus, failsHidden: boolean): string {
  if (status === "right") return "";
  if (status === "lost") return `${LOST[run.status]} ${run.reason}`;
  if (failsHidden) {
    return "expected it to pass a further test, which is not shown; got another result";
  }
  if (run.verdict?.isRight === true) return "expected code of your own, got the library's function";
  if (run.verdict !== null && run.verdict.finding !== "") return run.verdict.finding;
  return run.error || "expected the check to be asked, got a cell that did not ask it";
}

/**
 * The result of a written answer: a person grades it; an answer that was not written gets no points.
 *
 * @param item What is graded.
 * @param text What the student wrote.
 */
export function writtenResult(item: Item, text: string): ItemResult {
  const isEmpty = /^\s*(YOUR ANSWER HERE)?\s*$/.test(text);
  return {
    id: item.id,
    exercise: "",
    points: 0,
    most: item.points,
    status: isEmpty ? "empty" : "manual",
    finding: isEmpty ? "expected an answer, got none" : "",
    mistake: "",
    failsHidden: false,
    isCopy: false,
    text: isEmpty ? "" : text,
    hint: "",
    seconds: 0,
  };
}
