import { compile, type CompileOptions } from "lib/backend/mod.ts";
import {
  type DecodeInput,
  decodeToken,
  type GenerationPrograms,
  type ModelConfig,
  prefill,
  type PrefillInput,
} from "lib/model/mod.ts";

/**
 * Makes the programs that `generate` of `lib/model` runs, compiled as asked.
 *
 * A usual call, prompts of about one length, takes two programs: one that reads the prompts, one for
 * all the tokens that follow. Prompts of one token need only the second. Others are made for another
 * number of sentences or of tokens, unless it is filled up to the same one; calls that should share
 * programs share what this gives.
 *
 * A graph is made in 0.1 s. XLA takes 0.5 to 1 s for each program, and 0.7 of the graph's time to run
 * it: it pays from some ten thousand short sentences on.
 *
 * @param model The model's settings.
 * @param options As `compile` takes them: mode, precision, who is told.
 * @returns What `generate` takes as its option `programs`.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { generate, initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { createGenerationPrograms } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ layers: 1 }), params = initializeParams(config, 1);
 * const programs = createGenerationPrograms(config, { mode: "graph" });
 * const options = { maxNewTokens: 3, temperature: 0 };
 * const compiled = generate({ config, params }, [[1, 4]], { ...options, programs });
 * assertEquals(compiled, generate({ config, params }, [[1, 4]], options));
 * ```
 */
export function createGenerationPrograms(
  model: ModelConfig,
  options: CompileOptions = {},
): GenerationPrograms {
  const read = (input: PrefillInput) => prefill(model, input);
  const decode = (input: DecodeInput) => decodeToken(model, input);
  return {
    prefill: compile(read, { ...options, name: "prefill" }),
    decode: compile(decode, { ...options, name: "decode" }),
  };
}
