import { deriveSeed, largest } from "lib/core/mod.ts";
import { generate } from "lib/model/mod.ts";
import type { Sample, SampleEvent } from "./events.ts";
import type { Run } from "./run.ts";

/** Sentences of each kind that an event shows. */
const SHOWN = 5;

/** Words of a validation sentence that a greedy sample goes on from. */
const PROMPT_WORDS = 2;

/**
 * Lets the model make sentences and asks the grammar about them.
 *
 * Drawn ones start from nothing, at temperature 1: what the model believes the language to be.
 * Greedy ones start from the first two words of validation sentences and take the likeliest word
 * each time: without a beginning, all would be the same.
 *
 * @param run The run; nothing of it changes.
 * @returns Shares over `config.train.samples` sentences of each kind, and a few of them.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, generateSamples, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const run = createRun(runConfig({ data: { examples: 100 }, train: { warmup: 0, samples: 20 } }));
 * assertEquals(generateSamples(run).grammaticalShare, 0); // untrained
 * ```
 */
export function generateSamples(run: Run): SampleEvent {
  const { config, corpus, state } = run, count = config.train.samples;
  const drawnPrompts = Array.from({ length: count }, () => [corpus.tokenizer.bosId]);
  const greedyPrompts = corpus.validationSentences.slice(0, count).map((words) => {
    const ids = corpus.tokenizer.encode(words.slice(0, PROMPT_WORDS).join(" "));
    return [...ids].slice(0, -1); // without <eos>
  });
  const drawn = complete(run, drawnPrompts, "sampled");
  const greedy = complete(run, greedyPrompts, "greedy");
  return {
    kind: "sample",
    step: state.step,
    samples: [...greedy.slice(0, SHOWN), ...drawn.slice(0, SHOWN)],
    grammaticalShare: grammaticalShare(drawn),
    greedyGrammaticalShare: grammaticalShare(greedy),
    agreementShare: agreementShare(run, drawn),
  };
}

function complete(run: Run, prompts: readonly number[][], method: Sample["method"]): Sample[] {
  const { config, corpus, state } = run, { grammar, tokenizer } = corpus;
  const programs = run.programs.generation;
  const longest = largest(prompts.map(({ length }) => length));
  const sentences = generate({ config: config.model, params: state.params }, prompts, {
    maxNewTokens: grammar.maxLength - longest,
    eosId: tokenizer.eosId,
    temperature: method === "greedy" ? 0 : 1,
    seed: deriveSeed(config.seed, "samples", state.step),
    ...(programs && { programs }),
  });
  return sentences.map((ids) => {
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
