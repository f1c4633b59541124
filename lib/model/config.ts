import { z } from "zod";
import { float32, parseConfig } from "lib/core/mod.ts";

/** How the weights of linear layers are drawn; {@linkcode initializeParams} has the formulas. */
export const INITIALIZATIONS = [
  "xavier-uniform",
  "xavier-normal",
  "he-uniform",
  "he-normal",
  "normal",
] as const;

/** Up to this hidden size, the message about heads lists its divisors. */
const MOST_HEADS_NAMED = 64;

// `abort`: a size of 0 is one problem; the division by it below must not report a second one.
const size = z.int().min(1, { abort: true });

/** The schema of {@linkcode ModelConfig}: the exercise's numbers are the defaults. */
export const modelSchema = z.strictObject({
  vocabSize: size.default(1000).describe("vocabulary entries, V"),
  hiddenSize: size.default(256).describe("width of the residual stream, C"),
  heads: size.default(4).describe("attention heads, H; must divide the hidden size"),
  layers: size.default(4).describe("transformer blocks"),
  feedForwardSize: size.default(512).describe("inner width of the feed-forward layer, F"),
  maxLength: size.default(128).describe("longest sequence, in tokens"),
  dropout: float32(z.number().min(0).lt(1)).default(0)
    .describe("share of values dropped in training"),
  tiedHead: z.boolean().default(true).describe("let the head share the token embedding"),
  initialization: z.enum(INITIALIZATIONS).default("xavier-uniform")
    .describe("how linear weights are drawn"),
  initStd: float32(z.number().positive()).default(0.02)
    .describe("standard deviation of embeddings, and of linear weights under `normal`"),
}).refine((config) => config.hiddenSize % config.heads === 0, {
  path: ["heads"],
  error: (issue) => {
    // The refinement runs on an object of this schema.
    const { hiddenSize } = issue.input as { hiddenSize: number };
    const divisors = Array.from({ length: Math.min(hiddenSize, MOST_HEADS_NAMED) }, (_, i) => i + 1)
      .filter((n) => hiddenSize % n === 0);
    return `expected a divisor of the hidden size ${hiddenSize} (${divisors.join(", ")}${
      hiddenSize > MOST_HEADS_NAMED ? ", ..." : ""
    })`;
  },
});

/** A model's shape: everything that its parameters depend on, except the seed. */
export type ModelConfig = Readonly<z.output<typeof modelSchema>>;

/**
 * Completes and checks a model's settings.
 *
 * @param settings The settings that differ from the exercise's model.
 * @returns All settings, frozen.
 * @throws {ConfigError} If a setting is unknown or impossible.
 *
 * @example
 * ```ts
 * import { modelConfig } from "lib/model/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(modelConfig().hiddenSize, 256);
 * assertThrows(() => modelConfig({ heads: 3 }), Error, "expected a divisor of the hidden size 256");
 * ```
 */
export function modelConfig(settings: z.input<typeof modelSchema> = {}): ModelConfig {
  return parseConfig(modelSchema, settings, "model settings");
}
