import { deriveSeed, largest } from "lib/core/mod.ts";
import { generateByPass } from "lib/model/mod.ts";
import type { Sample, SampleEvent } from "./events.ts";
import { nextTurn } from "./next_turn.ts";
import type { Run } from "./run.ts";

/** Sentences of each kind that an event shows. */
const SHOWN = 5;

/** Words of a validation sentence that a greedy sample begins with. */
const PROMPT_WORDS = 2;

/**
 * Generates sentences and lets the grammar judge them.
 *
 * Drawn sentences start from `<bos>`, at temperature 1: they show the language as the model knows it.
 * Greedy sentences start from the first two words of validation sentences and take the most likely
 * word each time; without such a beginning, all of them would be the same.
 *
 * @param run The run; nothing of it changes.
 * @param signal Asks to stop; polled after each pass through the model.
 * @returns Shares over `config.train.samples` sentences of each kind, and a few of them; null if it
 *   was asked to stop.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, generateSamples, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const run = createRun(runConfig({ data: { examples: 100 }, train: { warmup: 0, samples: 20 } }));
 * assertEquals((await generateSamples(run)).grammaticalShare, 0); // untrained
 * ```
 */
export function generateSamples(run: Run): Promise<SampleEvent>;
/** Generates sentences; null if it is asked to stop before they are complete. */
export function generateSamples(run: Run, signal?: AbortSignal): Promise<SampleEvent | null>;
export async function generateSamples(
  run: Run,
  signal?: AbortSignal,
): Promise<SampleEvent | null> {
  const { config, corpus, state } = run, count = config.train.samples;
  const drawnPrompts = Array.from({ length: count }, () => [corpus.tokenizer.bosId]);
  const greedyPrompts = corpus.validationSentences.slice(0, count).map((words) => {
    const ids = corpus.tokenizer.encode(words.slice(0, PROMPT_WORDS).join(" "));
    return [...ids].slice(0, -1); // without <eos>
  });
  const drawn = await complete({ run, method: "sampled", signal }, drawnPrompts);
  if (drawn === null) return null;
  const greedy = await complete({ run, method: "greedy", signal }, greedyPrompts);
  if (greedy === null) return null;
  return {
    kind: "sample",
    step: state.step,
    samples: [...greedy.slice(0, SHOWN), ...drawn.slice(0, SHOWN)],
    grammaticalShare: grammaticalShare(drawn),
    greedyGrammaticalShare: grammaticalShare(greedy),
    agreementShare: agreementShare(run, drawn),
  };
}

/** How sentences are made. */
interface Completion {
  readonly run: Run;
  readonly method: Sample["method"];
  readonly signal: AbortSignal | undefined;
}

async function complete(
  { run, method, signal }: Completion,
  prompts: readonly number[][],
): Promise<Sample[] | null> {
  const { config, corpus, state } = run, { grammar, tokenizer } = corpus;
  const programs = run.programs.generation;
  const longest = largest(prompts.map(({ length }) => length));
  const passes = generateByPass({ config: config.model, params: state.params }, prompts, {
    maxNewTokens: grammar.maxLength - longest,
    eosId: tokenizer.eosId,
    temperature: method === "greedy" ? 0 : 1,
    seed: deriveSeed(config.seed, "samples", state.step),
    ...(programs && { programs }),
  });
  let pass = passes.next();
  for (; !pass.done; pass = passes.next()) {
    await nextTurn();
    if (!signal?.aborted) continue;
    passes.return([]); // frees what it holds
    return null;
  }
  return pass.value.map((ids) => {
    const isEnded = ids.at(-1) === tokenizer.eosId;
    const words = tokenizer.decode(ids, { keepSpecial: true }).split(" ").slice(1);
    const text = (isEnded ? words.slice(0, -1) : words).join(" ");
    const isGrammatical = isEnded && grammar.isGrammatical(text.split(" "));
    return { text, isGrammatical, method };
  });
}

function grammaticalShare(samples: readonly Sample[]): number {
  return samples.filter(({ isGrammatical }) => isGrammatical).length / samples.length;
}

function agreementShare(run: Run, samples: readonly Sample[]): number | null {
  let agree = 0, total = 0;
  for (const { text } of samples) {
    const pairs = run.corpus.grammar.agreeingPairs(text.split(" "));
    agree += pairs.agree;
    total += pairs.total;
  }
  return total === 0 ? null : agree / total;
}
