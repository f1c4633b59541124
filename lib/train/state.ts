import { createHash } from "node:crypto";
import { type Checkpoint, type JsonObject, toBytes, toTensors } from "lib/checkpoint/mod.ts";
import { CheckpointError, ConfigError, VERSION } from "lib/core/mod.ts";
import type { Cursor } from "lib/data/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import { type Tokenizer, tokenizerToJson } from "lib/tokenizer/mod.ts";
import type { RunConfig } from "./config.ts";
import type { EarlyStopState } from "./early_stop.ts";
import type { LossScale } from "./loss_scale.ts";

/** All that changes during a run. A step makes a new one; the old one's tensors are freed. */
export interface TrainState {
  /** Updates made so far. */
  readonly step: number;
  /** Targets learned from so far. */
  readonly tokens: number;
  /** Time spent training and validating so far. */
  readonly seconds: number;
  /** The next batch: where the loader goes on. */
  readonly cursor: Cursor;
  /** The weights. */
  readonly params: Params;
  /** The optimizer's state. */
  readonly optimizer: Params;
  /** Best loss and patience. */
  readonly earlyStop: EarlyStopState;
  /** The loss scale; null where products are not in float16. */
  readonly lossScale: LossScale | null;
  /** The step of the latest validation; −1 before the first. */
  readonly evaluatedStep: number;
  /** How far the log files were written when it was saved, by file, in bytes. */
  readonly logPositions: Readonly<Record<string, number>>;
}

/** The part of the state that is not tensors. */
type Counters = Omit<TrainState, "params" | "optimizer">;

/**
 * Makes a checkpoint of a state: all that training needs to go on bit for bit.
 *
 * Shuffling, dropout and samples draw from seeds made of the run's seed and the step, so the cursor
 * and the step are all that their generators need.
 *
 * @param config The run's settings; they are saved too.
 * @param state The state; its tensors are read, not freed.
 * @param tokenizer What the ids stand for, to be saved beside the weights; default nothing.
 * @returns Bytes, numbers, and texts for other programs.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, fromCheckpoint, runConfig, toCheckpoint } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const run = createRun(runConfig({ data: { examples: 100 }, train: { warmup: 0 } }));
 * const { config, state } = fromCheckpoint(toCheckpoint(run.config, run.state));
 * assertEquals(config, run.config);
 * assertEquals(state.cursor, run.state.cursor);
 * ```
 */
export function toCheckpoint(
  config: RunConfig,
  state: TrainState,
  tokenizer?: Tokenizer,
): Checkpoint {
  const { params, optimizer, ...counters } = state;
  return {
    step: state.step,
    model: toBytes(params),
    optimizer: toBytes(optimizer),
    modelConfig: config.model,
    // Counters are plain numbers and strings all through. The order of the tensors is kept too: the
    // gradient's norm is a sum in that order, and a float32 sum depends on it.
    state: {
      config,
      counters,
      order: { params: Object.keys(params), optimizer: Object.keys(optimizer) },
      ...tokenizer && { vocabulary: vocabularyDigest(tokenizer) },
    } as unknown as JsonObject,
    documents: {
      // Our own names: with GPT-2's, transformers would open this file and find no weight that it knows.
      "config.json": `${
        JSON.stringify(
          { model_type: "toy-transformer", version: VERSION, ...config.model },
          null,
          2,
        )
      }\n`,
      ...tokenizer && tokenizerDocument(tokenizer),
    },
  };
}

/** `tokenizer.json`; nothing for a user's tokenizer that this format cannot describe. */
function tokenizerDocument(tokenizer: Tokenizer): Record<string, string> {
  try {
    return { "tokenizer.json": tokenizerToJson(tokenizer) };
  } catch (error) {
    if (error instanceof TypeError) return {};
    throw error;
  }
}

/** Equal for tokenizers that give every token the same id. */
function vocabularyDigest(tokenizer: Tokenizer): string {
  const { size, padId, bosId, eosId, unkId } = tokenizer;
  const tokens = Array.from({ length: size }, (_, id) => tokenizer.tokenOf(id));
  const text = JSON.stringify([tokens, padId, bosId, eosId, unkId]);
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Refuses a tokenizer that gives other ids than the one that a checkpoint was saved with: the weights
 * would be read with the wrong words, and no shape would show it.
 *
 * @param checkpoint As the store gives it; one that says nothing of its tokenizer fits every one.
 * @param tokenizer The tokenizer to go on with.
 * @throws {ConfigError} If it is another one.
 *
 * @example
 * ```ts
 * import { checkVocabulary } from "lib/train/state.ts";
 * import { createWordLevelTokenizer } from "lib/tokenizer/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const words = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "dog"]);
 * const saved = { step: 0, model: new Map(), optimizer: new Map(), modelConfig: {} };
 * const check = () => checkVocabulary({ ...saved, state: { vocabulary: "other" } }, words);
 * assertThrows(check, Error, "expected the tokenizer that it was trained with");
 * ```
 */
export function checkVocabulary({ state }: Checkpoint, tokenizer: Tokenizer): void {
  if (state.vocabulary === undefined || state.vocabulary === vocabularyDigest(tokenizer)) return;
  throw new ConfigError(
    "Cannot resume the run: expected the tokenizer that it was trained with, got one with other " +
      "tokens or ids; give the same one as options.tokenizer",
  );
}

/**
 * Reads a state back from a checkpoint.
 *
 * @param checkpoint As the store gives it.
 * @returns The run's settings, still to be checked, and its state; the caller owns the tensors.
 * @throws {CheckpointError} If it is no training checkpoint.
 *
 * @example
 * ```ts
 * import { fromCheckpoint } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const empty = { step: 0, model: new Map(), optimizer: new Map(), modelConfig: {}, state: {} };
 * assertThrows(() => fromCheckpoint(empty), Error, "expected the state of a run");
 * ```
 */
export function fromCheckpoint(checkpoint: Checkpoint): { config: unknown; state: TrainState } {
  const { config } = checkpoint.state, counters: unknown = checkpoint.state.counters;
  if (config === undefined || !isCounters(counters) || counters.step !== checkpoint.step) {
    throw new CheckpointError(
      "Cannot resume: expected the state of a run with its settings and counters, got " +
        (JSON.stringify(Object.keys(checkpoint.state)) ?? "nothing"),
    );
  }
  const { params: paramOrder, optimizer: optimizerOrder } = readOrder(checkpoint.state.order);
  const params = inOrder(toTensors(checkpoint.model), paramOrder);
  const optimizer = inOrder(toTensors(checkpoint.optimizer), optimizerOrder);
  const { lossScale = null } = counters; // checkpoints from before float16 have none
  return { config, state: { ...counters, lossScale, params, optimizer } };
}

function isCounters(value: unknown): value is Counters {
  if (typeof value !== "object" || value === null) return false;
  const numbers = ["step", "tokens", "seconds", "evaluatedStep"] satisfies (keyof Counters)[];
  const objects = ["cursor", "earlyStop", "logPositions"] satisfies (keyof Counters)[];
  const fields = value as Record<string, unknown>;
  return numbers.every((name) => Number.isFinite(fields[name])) &&
    objects.every((name) => typeof fields[name] === "object" && fields[name] !== null);
}

function readOrder(value: unknown): Record<"params" | "optimizer", readonly string[]> {
  const { params, optimizer } = (value ?? {}) as Record<string, unknown>;
  return {
    params: Array.isArray(params) ? params : [],
    optimizer: Array.isArray(optimizer) ? optimizer : [],
  };
}

/** The record with its keys in the given order; keys that the order does not name come last. */
function inOrder(params: Params, order: readonly string[]): Params {
  const names = [...order.filter((name) => name in params), ...Object.keys(params)];
  return Object.fromEntries(names.map((name) => [name, param(params, name)]));
}
