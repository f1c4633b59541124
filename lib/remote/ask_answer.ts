import { type AnyFunction, type Exercise, judge, type Judgement } from "lib/grade/mod.ts";
import { remoteAnswer } from "./answer.ts";
import { fileChannel, ForgedMessageError, PeerGoneError } from "./file_channel.ts";
import { Peer } from "./peer.ts";
import type { Pipes } from "./serve_answer.ts";

/** The result of checking an answer in another process. */
export interface Verdict {
  /** Whether all questions were answered right. */
  readonly isRight: boolean;
  /** The questions that were answered right. */
  readonly right: readonly string[];
  /** The questions that were answered wrong. */
  readonly wrong: readonly string[];
  /** What was expected and what came. */
  readonly finding: string;
  /** The mistake that was recognised; empty if none was. */
  readonly mistake: string;
  /** What the hidden test said; empty if it passed, or there is none. */
  readonly hidden: string;
  /** Whether the answer's code wrote into the channel to the check. */
  readonly isForged: boolean;
}

/** Options of {@linkcode askAnswer}. */
export interface AskOptions {
  /** The named pipes to the answer. */
  readonly pipes: Pipes;
  /** A test that students do not see. */
  readonly hiddenTest?: ((answer: AnyFunction) => unknown) | undefined;
}

/** The number of the other process's function that says whether the answer is a function. */
const KIND = 1;

/**
 * Checks an answer that runs in another process, and sends that process the result of the check.
 *
 * @param exercise The exercise.
 * @param options The pipes to the answer, and the hidden test.
 */
export async function askAnswer(
  exercise: Exercise,
  { pipes, hiddenTest }: AskOptions,
): Promise<Verdict> {
  // Both sides open the pipes in this order: opening a pipe waits until the other side opens it too.
  using writer = Deno.openSync(pipes.calls, { write: true });
  using reader = Deno.openSync(pipes.results, { read: true });
  // Both ends are open now. The names are removed, so that nobody else can open the pipes.
  for (const path of [pipes.calls, pipes.results]) Deno.removeSync(path);
  const peer = new Peer(fileChannel({ reader, writer }));
  const isAsync = exercise.reference.constructor.name === "AsyncFunction";
  const answer = remoteAnswer(peer, { name: exercise.name, isAsync });
  try {
    const kind = peer.call(KIND, "call", []) as { isFunction?: unknown; answer?: unknown } | null;
    const judged = await judge(exercise, kind?.isFunction === true ? answer : kind?.answer);
    const isRight = judged.wrong.length === 0;
    const hidden = isRight ? await hiddenFinding(answer, hiddenTest) : "";
    if (peer.refusal !== undefined) throw peer.refusal; // `judge` takes it for the answer's own error
    const verdict = { ...verdictOf(judged), hidden, isForged: false };
    peer.end(isRight, isRight ? `OK  ${exercise.name}` : textOf(exercise.name, verdict));
    return verdict;
  } catch (error) {
    const finding = findingOf(error), isForged = error instanceof ForgedMessageError;
    return { isRight: false, right: [], wrong: [], finding, mistake: "", hidden: "", isForged };
  }
}

/** Why the questions ended early; an error that does not come from the answer is thrown again. */
function findingOf(error: unknown): string {
  if (error instanceof ForgedMessageError) {
    return "expected one result from each call, got bytes that its code wrote into the channel to the check";
  }
  if (error instanceof PeerGoneError) {
    return "expected an answer to each question, got the end of its process";
  }
  if (
    error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError
  ) return `expected a result that can be compared, got ${error.message}`;
  throw error;
}

function verdictOf(
  { right, wrong, finding = "", mistake = "" }: Judgement,
): Omit<Verdict, "hidden" | "isForged"> {
  return { isRight: wrong.length === 0, right, wrong, finding, mistake };
}

function textOf(name: string, { finding, mistake }: Pick<Verdict, "finding" | "mistake">): string {
  const likely = mistake === "" ? "" : `\nLikely mistake: ${mistake}`;
  return `Cannot accept your ${name}: ${finding}${likely}`;
}

async function hiddenFinding(answer: AnyFunction, test: AskOptions["hiddenTest"]): Promise<string> {
  try {
    await test?.(answer);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
