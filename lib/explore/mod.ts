/**
 * The explorer: what a model does with a sentence, as a page to click through.
 *
 * Rank 5: imports `core`, the folders of rank 1 to 4, and TensorFlow.js. `page/` runs in a browser.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { exploreCorpus, explorerPage } from "lib/explore/mod.ts";
 * import { createRun, runConfig } from "lib/train/mod.ts";
 * import { assert } from "@std/assert";
 *
 * await useBackend();
 * const { config, corpus, state } = createRun(runConfig({ data: { examples: 500 }, train: { warmup: 0 } }));
 * const model = { config: config.model, params: state.params };
 * const page = explorerPage(exploreCorpus(model, corpus, { title: "before training" }));
 * assert(page.length < 300_000);
 * ```
 *
 * @module
 */
export type { Exploration, ExploredSentence, NearToken, NextGuess } from "./exploration.ts";
export type { ExploreOptions, SentenceToExplore } from "./explore.ts";
export { exploreCorpus, type ExploreCorpusOptions } from "./explore_corpus.ts";
export { explorerPage } from "./explorer_page.ts";
export { unpackAttention } from "./packed_attention.ts";

// For your own programs:
export { explore } from "./explore.ts";
