import * as tf from "@tensorflow/tfjs";
import { largest, type Random } from "lib/core/mod.ts";
import { type GenerationPlan, planGeneration } from "./_generation_plan.ts";
import { disposeCache, emptySlots, pickRows, withSlots } from "./_slots.ts";
import type { DecodeOutput } from "./decode_token.ts";
import type { GenerateOptions, LanguageModel } from "./generate.ts";
import { sampleNext } from "./sampling.ts";
import type { ModelCache } from "./transformer.ts";

/** A sentence that is being generated. */
export interface Sentence {
  /** The prompt's ids, then each new one. */
  readonly ids: number[];
  /** Where its draws come from. */
  readonly random: Random;
}

/** Adds new tokens (at least one) to each sentence; pauses after each pass. */
export function* continueAll(
  model: LanguageModel,
  sentences: readonly Sentence[],
  options: GenerateOptions,
): Generator<void> {
  const isGreedy = options.temperature === 0;
  const alike = [...Map.groupBy(sentences, ({ ids }) => ids.join()).values()]
    // Sorted by length, so that a batch needs little padding.
    .sort(([a], [b]) => (a?.ids.length ?? 0) - (b?.ids.length ?? 0));
  // Greedy sentences from one prompt are one sentence.
  const groups = isGreedy ? alike.map((group) => group.slice(0, 1)) : alike;
  const size = {
    sentences: isGreedy ? groups.length : sentences.length,
    longestPrompt: groups.at(-1)?.[0]?.ids.length ?? 0,
  };
  const plan = planGeneration(model, size, options);
  for (const batch of inParts(groups, plan.batchSize)) yield* continueGroups(plan, batch);
  if (!isGreedy) return;
  for (const [first, ...others] of alike) {
    const ending = first?.ids.slice(others[0]?.ids.length) ?? []; // the prompt is the same
    for (const { ids } of others) ending.forEach((id) => ids.push(id));
  }
}

/** Continues sentences, grouped by prompt: a prompt takes one row until its sentences differ. */
function* continueGroups(
  plan: GenerationPlan,
  groups: readonly (readonly Sentence[])[],
): Generator<void> {
  const next = advance(plan, groups.flatMap((group) => group.slice(0, 1)));
  try {
    const going: { readonly sentence: Sentence; readonly row: number }[] = [];
    for (const [row, group] of groups.entries()) {
      for (const part of inParts(group, plan.batchSize)) {
        for (const sentence of part) {
          if (append(plan, sentence, next.choose(row, sentence))) going.push({ sentence, row });
        }
        yield;
      }
    }
    if (plan.options.maxNewTokens === 1) return;
    for (const part of inParts(going, plan.batchSize)) {
      const rows = part.map(({ row }) => row), empty = plan.rowsFor(rows.length) - rows.length;
      const cache = pickRows(next.cache, [...rows, ...new Array<number>(empty).fill(0)]);
      yield* finish(plan, part.map(({ sentence }) => sentence), cache);
    }
  } finally {
    disposeCache(next.cache);
  }
}

/** Continues sentences with a row each, beyond their first new token; frees the cache. */
function* finish(
  plan: GenerationPlan,
  sentences: readonly Sentence[],
  cache: ModelCache,
): Generator<void> {
  const { maxNewTokens, useCache = true } = plan.options, isGoing = sentences.map(() => true);
  let past = cache;
  try {
    for (let count = 1; count < maxNewTokens && isGoing.includes(true); count++) {
      const next = advance(plan, sentences, useCache ? past : undefined);
      disposeCache(past);
      past = next.cache;
      for (const [row, sentence] of sentences.entries()) {
        // A sentence that has ended keeps its row, but the row is not read any more.
        if (!isGoing[row]) continue;
        isGoing[row] = append(plan, sentence, next.choose(row, sentence));
      }
      yield;
    }
  } finally {
    disposeCache(past);
  }
}

/** Adds a token, and tells whether the sentence goes on. */
function append({ options }: GenerationPlan, sentence: Sentence, id: number): boolean {
  sentence.ids.push(id);
  return id !== options.eosId;
}

/** What follows the newest tokens. */
interface Next {
  /** Chooses for one row. */
  readonly choose: (row: number, sentence: Sentence) => number;
  /** Everything read so far; the caller owns it. */
  readonly cache: ModelCache;
}

/** Reads each sentence's newest token, and everything before it where there is no cache. */
function advance(plan: GenerationPlan, sentences: readonly Sentence[], past?: ModelCache): Next {
  const { params } = plan.model, rows = plan.rowsFor(sentences.length);
  const column = (valueOf: (sentence: Sentence) => number) =>
    tf.tensor1d(
      Int32Array.from({ length: rows }, (_, row) => {
        const sentence = sentences[row];
        return sentence === undefined ? 0 : valueOf(sentence);
      }),
      "int32",
    );
  const cache = past ?? readBeginnings(plan, sentences);
  const ids = column((sentence) => sentence.ids.at(-1) ?? 0);
  const positions = column((sentence) => sentence.ids.length - 1);
  try {
    const decoded = plan.programs.decode({ params, cache, ids, positions });
    const choose = chooser(plan, decoded);
    tf.dispose([decoded.logits, decoded.likeliest]);
    return { choose, cache: decoded.cache };
  } finally {
    tf.dispose([ids, positions]);
    if (past === undefined) disposeCache(cache);
  }
}

/** Reads from the device as little as the choice needs. */
function chooser(
  { options, model }: GenerationPlan,
  { logits, likeliest }: DecodeOutput,
): Next["choose"] {
  const ids = options.temperature === 0 ? likeliest.dataSync() : undefined;
  // Where a score is NaN, choosing from the scores below throws the error.
  if (ids !== undefined && !ids.includes(-1)) return (row) => ids[row] ?? 0;
  const scores = logits.dataSync(), V = model.config.vocabSize;
  return (row, { random }) => sampleNext(scores.subarray(row * V, (row + 1) * V), options, random);
}

/** Keys and values of all but the newest token of each sentence. */
function readBeginnings(plan: GenerationPlan, sentences: readonly Sentence[]): ModelCache {
  const { model: { config, params }, slots } = plan, rows = plan.rowsFor(sentences.length);
  const longest = largest(sentences.map(({ ids }) => ids.length - 1));
  if (longest === 0) return emptySlots(config, rows, slots);
  const T = plan.lengthFor(longest), values = new Int32Array(rows * T);
  for (const [row, { ids }] of sentences.entries()) values.set(ids.slice(0, -1), row * T);
  const ids = tf.tensor2d(values, [rows, T], "int32");
  try {
    const cache = plan.programs.prefill({ params, ids });
    try {
      return withSlots(cache, slots);
    } finally {
      disposeCache(cache);
    }
  } finally {
    ids.dispose();
  }
}

function* inParts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
