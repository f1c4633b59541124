/**
 * Models with one broken part each, and how their training went, for the bug hunt of notebook 2.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ModelConfig } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import * as parts from "./parts.ts";
import { forwardWith } from "./reference.ts";

/** The parts of a model that can be broken. */
export const PARTS = [
  "causal mask",
  "padding mask",
  "position embedding",
  "blocks",
  "output head",
] as const;

/** One of {@linkcode PARTS}. */
export type Part = (typeof PARTS)[number];

/** Who is suspected. */
export type Suspect = "A" | "B" | "C";

/** A model that runs, learns, and is wrong. */
export interface BrokenModel {
  /** The mean training loss of each 50 steps, on level `copy`; the best possible is 3.008. */
  readonly losses: readonly number[];
  /** From ids int32 [B, T] and mask [B, T] to logits [B, T, V]. */
  readonly forward: (
    config: ModelConfig,
    params: Params,
    ids: tf.Tensor,
    mask: tf.Tensor,
  ) => tf.Tensor;
}

/**
 * A right model, and three broken ones. Each was trained with AdamW (peak rate 0.006, warm-up of 100 steps,
 * then cosine) on 1,500 batches of 64 sentences, with 32 channels, 2 heads and one block.
 */
export const suspects: Readonly<Record<"right" | Suspect, BrokenModel>> = {
  right: {
    forward: forwardWith({}),
    // deno-fmt-ignore
    losses: [
      6.54, 4.65, 4.06, 3.85, 3.69, 3.61, 3.58, 3.57, 3.56, 3.56, 3.56, 3.55, 3.54, 3.54, 3.54,
      3.53, 3.53, 3.51, 3.43, 3.26, 3.16, 3.09, 3.06, 3.05, 3.04, 3.04, 3.03, 3.03, 3.02, 3.02,
    ],
  },
  A: {
    forward: forwardWith({ order: () => [] }),
    // deno-fmt-ignore
    losses: [
      6.51, 4.59, 4.13, 4.11, 4.09, 4.08, 4.08, 4.07, 4.07, 4.05, 4.05, 4.04, 4.04, 4.04, 4.02,
      4.01, 4.00, 3.99, 3.99, 3.99, 3.98, 3.97, 3.95, 3.95, 3.94, 3.95, 3.94, 3.93, 3.92, 3.92,
    ],
  },
  B: {
    forward: forwardWith({ allowed: (mask) => tf.onesLike(parts.attentionMask(mask)) }),
    // deno-fmt-ignore
    losses: [
      6.54, 4.11, 1.29, 0.12, 0.04, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.00, 0.00, 0.00,
      0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00,
    ],
  },
  C: {
    forward: forwardWith({ embedded: (tokens, _positions, ids) => tf.gather(tokens, ids) }),
    // deno-fmt-ignore
    losses: [
      6.62, 4.97, 4.26, 4.11, 4.06, 3.97, 3.83, 3.54, 3.26, 3.11, 3.07, 3.06, 3.05, 3.04, 3.04,
      3.03, 3.03, 3.03, 3.03, 3.02, 3.02, 3.01, 3.01, 3.02, 3.01, 3.01, 3.00, 3.00, 3.00, 3.00,
    ],
  },
};
