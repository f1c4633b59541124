/**
 * Sentences that the course's model makes, with the keys and values of former tokens kept.
 *
 * @module
 */
import { type CompileMode, useBackend } from "lib/backend/mod.ts";
import { createGenerationPrograms } from "lib/train/mod.ts";
import { generate, initializeParams, modelConfig } from "lib/model/mod.ts";
import { describeBackend, readSpec, serve } from "./_serve.ts";

interface Spec {
  readonly prompts: readonly (readonly number[])[];
  readonly newTokens: number;
  readonly temperature: number;
  readonly mode: CompileMode;
}

const { prompts, newTokens, temperature, mode } = readSpec<Spec>();
const backend = await useBackend({ backend: "tensorflow" });
const config = modelConfig();
const params = initializeParams(config, 1);
const programs = createGenerationPrograms(config, { mode });
let seed = 0;
await serve(describeBackend(backend), () => {
  // No token ends a sentence, so that both sides make equally many.
  const options = { maxNewTokens: newTokens, temperature, seed: seed++, programs };
  generate({ config, params }, prompts, options);
});
