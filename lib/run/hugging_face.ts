import {
  type Checkpoint,
  CheckpointStore,
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  toTensors,
} from "lib/checkpoint/mod.ts";
import {
  CheckpointError,
  ConfigError,
  explainFile,
  foreignEntry,
  parseJson,
  plain,
  quote,
  readBytes,
  readText,
  VERSION,
  writeFolderAtomically,
} from "lib/core/mod.ts";
import { createGrammar, LEVELS } from "lib/data/mod.ts";
import { gpt2Config, type ModelConfig, modelConfig, modelSettingsOf } from "lib/model/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import {
  createWordLevelTokenizer,
  type Tokenizer,
  tokenizerConfig,
  tokenizerFromJson,
  tokenizerToJson,
} from "lib/tokenizer/mod.ts";
import { type RunConfig, runConfig, toCheckpoint } from "lib/train/mod.ts";
import { fromGpt2, toGpt2 } from "./_gpt2_tensors.ts";
import { checkRunName } from "./run_folder.ts";
import { beginRun, type PlacedRun } from "./workspace.ts";

/** Options of {@linkcode exportRun}. */
export interface ExportOptions {
  /** The folder that holds `runs/` and `checkpoints/`; default the current one. */
  readonly root?: string;
  /** Which checkpoint; default the best, or the last where no validation was made. */
  readonly checkpoint?: "best" | "last";
}

/** What was written. */
export interface Exported {
  /** The step of the weights. */
  readonly step: number;
  /** The checkpoint they come from. */
  readonly path: string;
}

/** The key of our run's settings in `config.json`; readers of GPT-2 ignore it. */
const OWN = "toy_transformer";

/**
 * Writes a run's weights as a folder that Hugging Face's packages open: `transformers` by
 * `AutoModelForCausalLM` and `AutoTokenizer`, PyTorch by `safetensors.torch.load_file`, and the
 * tokenizer in JavaScript too.
 *
 * The weights are the same numbers under GPT-2's names. The settings of the run are in `config.json`
 * too, so that {@linkcode importRun} makes the same run from it.
 *
 * @param name The run's name, such as `plain-001`.
 * @param folder Where to write: a folder that is not there yet, or empty.
 * @param options Which checkpoint, and where the run lies.
 * @returns What was written.
 * @throws {ConfigError} If there is no such run, the folder is taken, or GPT-2 has no such model.
 * @throws {CheckpointError} If there is no checkpoint that is whole.
 * @throws {FileError} If the folder cannot be written.
 *
 * @example
 * ```ts
 * import { exportRun } from "lib/run/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const root = Deno.makeTempDirSync();
 * assertThrows(() => exportRun("plain-001", `${root}/out`, { root }), Error, "Cannot export run");
 * ```
 */
export function exportRun(name: string, folder: string, options: ExportOptions = {}): Exported {
  const { root = "." } = options, path = folder.replace(/(?<=.)\/+$/, "");
  const taken = explainFile(`look at ${path}`, () => foreignEntry(path, () => false));
  if (taken !== undefined) {
    throw new ConfigError(
      `Cannot export to ${path}: expected a new or an empty folder, got ${quote(taken)} in it`,
    );
  }
  checkRunName(name);
  const store = CheckpointStore.at(`${root}/checkpoints/${name}`);
  if (!store.has()) {
    throw new ConfigError(
      `Cannot export run "${name}": expected one with a checkpoint in ${store.path}, got none`,
    );
  }
  const { checkpoint: wanted = store.has("best") ? "best" : "last" } = options;
  const checkpoint = store.load(wanted);
  writeFolderAtomically(path, filesOf(checkpoint));
  return { step: checkpoint.step, path: checkpoint.path };
}

/** The files of the folder. */
function filesOf(checkpoint: Checkpoint): Record<string, Uint8Array | string> {
  const settings = settingsOf(checkpoint), { model } = settings;
  const document = checkpoint.documents?.["tokenizer.json"];
  const tokenizer = document === undefined
    ? createWordLevelTokenizer(createGrammar(settings.data.level).vocabulary)
    : tokenizerFromJson(document);
  const ids = {
    bos_token_id: tokenizer.bosId,
    eos_token_id: tokenizer.eosId,
    pad_token_id: tokenizer.padId,
  };
  return {
    "config.json": toJson({
      ...gpt2Config(model),
      ...ids,
      dtype: "float32",
      use_cache: true,
      [OWN]: { version: VERSION, step: checkpoint.step, settings },
    }),
    "generation_config.json": toJson({ ...ids, do_sample: false, max_length: model.maxLength }),
    "model.safetensors": encodeSafetensors(toGpt2(checkpoint.model), { format: "pt" }),
    "tokenizer.json": tokenizerToJson(tokenizer),
    "tokenizer_config.json": tokenizerConfig(tokenizer, model.maxLength),
  };
}

function settingsOf({ state, path }: Checkpoint & { readonly path?: string }): RunConfig {
  try {
    return runConfig(state.config as Parameters<typeof runConfig>[0]); // runConfig() checks it here
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new CheckpointError(`Cannot export ${path}: expected a run's, got: ${cause.message}`, {
      cause,
    });
  }
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Options of {@linkcode importRun}. */
export interface ImportOptions {
  /** The run's name; default the level and the next free number. */
  readonly name?: string;
  /** The folder that holds `runs/` and `checkpoints/`; default the current one. */
  readonly root?: string;
  /** Whether to replace a run of that name; default false. */
  readonly overwrite?: boolean;
}

/** A run that was made from a folder. */
export interface ImportedRun extends PlacedRun {
  /** What was changed in the weights, as sentences. */
  readonly notices: readonly string[];
}

/**
 * Makes a run from a folder in Hugging Face's form, as {@linkcode exportRun} or `save_pretrained` wrote
 * it: a GPT-2 over the words of one of our levels. It is saved at step 0; resume it to
 * train it.
 *
 * Half-precision weights are widened; rows of the embedding that no token has are left out.
 *
 * @param folder The folder: `config.json`, `model.safetensors` and `tokenizer.json`.
 * @param options The run's name and place.
 * @returns The run; the caller owns its tensors (`state`).
 * @throws {ConfigError} If it is another architecture, its files do not fit each other, or the words are
 *   those of no level.
 * @throws {FileError} If a file cannot be read.
 *
 * @example
 * ```ts
 * import { importRun } from "lib/run/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${folder}/config.json`, '{ "model_type": "llama" }');
 * assertThrows(() => importRun(folder), Error, 'expected "gpt2" as model_type');
 * ```
 */
export function importRun(folder: string, options: ImportOptions = {}): ImportedRun {
  const json = read(folder, "config.json", (path) => parseJson(readText(path)));
  const shape = modelSettingsOf(json);
  const tokenizer = read(folder, "tokenizer.json", (path) => tokenizerFromJson(readText(path)));
  const model = modelConfig({ ...shape, vocabSize: cutVocabulary(shape, tokenizer) });
  const { tensors } = read(
    folder,
    "model.safetensors",
    (path) => decodeSafetensors(readBytes(path)),
  );
  const weights = fromGpt2(tensors, model);
  const config = settingsFor(json, { model, tokenizer });
  const params = read(folder, "model.safetensors", () => toTensors(weights.tensors));
  const { name, folder: runFolder, run } = beginRun(config, options);
  disposeParams(run.state.params);
  run.state = { ...run.state, params };
  run.store?.save(toCheckpoint(run.config, run.state, run.corpus.tokenizer));
  return { name, folder: runFolder, run, notices: weights.notices };
}

/** Tables may have more rows than there are tokens, so that their length is round; not fewer. */
function cutVocabulary({ vocabSize }: Pick<ModelConfig, "vocabSize">, { size }: Tokenizer): number {
  if (size <= vocabSize) return size;
  throw new ConfigError(
    `Cannot import this model: expected a vocab_size in config.json of at least the ${size} tokens ` +
      `of tokenizer.json, got ${vocabSize}`,
  );
}

/** Reads a file; an error in its content names the file. */
function read<T>(folder: string, name: string, decode: (path: string) => T): T {
  const path = `${folder}/${name}`;
  try {
    return explainFile(`import ${folder}`, () => decode(path));
  } catch (cause) {
    const kinds = [SyntaxError, TypeError, RangeError, SafetensorsError];
    if (!kinds.some((kind) => cause instanceof kind)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(
      `Cannot import ${folder}: expected a ${name} that can be read, got: ${plain(reason)}`,
      { cause },
    );
  }
}

/** The settings that a run of ours had, or the defaults of the level whose words these are. */
function settingsFor(
  json: unknown,
  { model, tokenizer }: { readonly model: ModelConfig; readonly tokenizer: Tokenizer },
): RunConfig {
  const own = (json as Record<string, { settings?: unknown } | undefined>)[OWN]?.settings;
  if (own !== undefined) {
    const settings = runConfig(own as Parameters<typeof runConfig>[0]); // runConfig() checks it here
    const { initialization } = settings.model;
    return runConfig({ ...settings, model: { ...model, initialization } });
  }
  const tokens = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.tokenOf(id)).join(" ");
  const level = LEVELS.find((level) => createGrammar(level).vocabulary.join(" ") === tokens);
  if (level !== undefined) return runConfig({ data: { level }, model });
  throw new ConfigError(
    `Cannot import this model: expected the words of one of the levels ${LEVELS.join(", ")} in ` +
      `tokenizer.json, in their order, got ${tokenizer.size} others`,
  );
}
