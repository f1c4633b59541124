import { z } from "zod";
import { ConfigError, parseConfig } from "lib/core/mod.ts";
import type { ModelConfig } from "./config.ts";

/** The activation of GPT-2's feed-forward layer, under both of its names. */
const ACTIVATIONS = ["gelu_new", "gelu_pytorch_tanh"] as const;

const size = z.int().min(1);
const never = (what: string) => z.literal(false, `expected no ${what}`).default(false);

/**
 * The fields of GPT-2's `config.json` that change the numbers; a missing field has GPT-2's default.
 */
const schema = z.object({
  vocab_size: size.default(50_257),
  n_positions: size.default(1024),
  n_embd: size.default(768),
  n_layer: size.default(12),
  n_head: size.default(12),
  n_inner: size.nullable().default(null),
  activation_function: z.enum(ACTIVATIONS).default("gelu_new"),
  layer_norm_epsilon: z.literal(1e-5).default(1e-5),
  resid_pdrop: z.number().default(0.1),
  initializer_range: z.number().positive().default(0.02),
  tie_word_embeddings: z.boolean().default(true),
  scale_attn_weights: z.literal(true, "expected scaled attention scores").default(true),
  scale_attn_by_inverse_layer_idx: never("scaling by the layer's number"),
  add_cross_attention: never("cross-attention"),
});

/** Our names of a block's parts, and GPT-2's. */
const PARTS: readonly (readonly [ours: string, theirs: string])[] = [
  ["attentionNorm", "ln_1"],
  ["attention.qkv", "attn.c_attn"],
  ["attention.output", "attn.c_proj"],
  ["feedForwardNorm", "ln_2"],
  ["feedForward.up", "mlp.c_fc"],
  ["feedForward.down", "mlp.c_proj"],
];

/** Masks that earlier versions of GPT-2 stored among the weights. */
const BUFFER = /\.attn\.(bias|masked_bias)$/;

/**
 * Describes a model as Hugging Face's `config.json` does: as a GPT-2, whose linear weights are [in,
 * out] like ours.
 *
 * @param config The model's shape.
 * @returns The fields of `config.json` that describe the architecture.
 *
 * @example
 * ```ts
 * import { gpt2Config, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { n_embd, n_inner } = gpt2Config(modelConfig());
 * assertEquals([n_embd, n_inner], [256, 512]);
 * ```
 *
 * Source: Radford et al., "Language Models are Unsupervised Multitask Learners" (2019);
 * https://huggingface.co/docs/transformers/model_doc/gpt2
 */
export function gpt2Config(config: ModelConfig): Readonly<Record<string, unknown>> {
  return {
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    vocab_size: config.vocabSize,
    n_positions: config.maxLength,
    n_embd: config.hiddenSize,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: config.feedForwardSize,
    activation_function: "gelu_new",
    layer_norm_epsilon: 1e-5,
    resid_pdrop: config.dropout,
    embd_pdrop: config.dropout,
    attn_pdrop: config.dropout,
    initializer_range: config.initStd,
    tie_word_embeddings: config.tiedHead,
  };
}

/**
 * Reads a model's shape from Hugging Face's `config.json`.
 *
 * @param json The file's content.
 * @returns Settings for `modelConfig`, all except how weights are drawn.
 * @throws {ConfigError} If the model computes something other than ours: the field is named.
 *
 * @example
 * ```ts
 * import { modelSettingsOf } from "lib/model/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(modelSettingsOf({ model_type: "gpt2", n_embd: 64 }).feedForwardSize, 256);
 * assertThrows(() => modelSettingsOf({ model_type: "llama" }), Error, 'expected "gpt2"');
 * ```
 */
export function modelSettingsOf(
  json: unknown,
): Omit<ModelConfig, "initialization"> {
  const type: unknown = (json as { model_type?: unknown } | null)?.model_type;
  if (type !== "gpt2") {
    throw new ConfigError(
      `Cannot import this model: expected "gpt2" as model_type in config.json, the architecture of ` +
        `this project's models, got ${JSON.stringify(type) ?? "none"}`,
    );
  }
  const read = parseConfig(schema, json, "config.json of a model");
  return {
    vocabSize: read.vocab_size,
    hiddenSize: read.n_embd,
    heads: read.n_head,
    layers: read.n_layer,
    feedForwardSize: read.n_inner ?? 4 * read.n_embd,
    maxLength: read.n_positions,
    dropout: read.resid_pdrop,
    tiedHead: read.tie_word_embeddings,
    initStd: read.initializer_range,
  };
}

/**
 * Gives GPT-2's name of a parameter.
 *
 * @param name Ours, such as `blocks.0.attention.qkv.weight`.
 * @returns Theirs, such as `transformer.h.0.attn.c_attn.weight`; the head's is `lm_head.weight`, whose
 *   axes are [out, in].
 * @throws {RangeError} If no parameter has that name.
 *
 * @example
 * ```ts
 * import { gpt2Name, ourName } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(gpt2Name("blocks.0.feedForward.up.bias"), "transformer.h.0.mlp.c_fc.bias");
 * assertEquals(ourName("transformer.h.0.mlp.c_fc.bias"), "blocks.0.feedForward.up.bias");
 * ```
 */
export function gpt2Name(name: string): string {
  const whole = WHOLE.find(([ours]) => ours === name)?.[1];
  if (whole !== undefined) return whole;
  const [, block, part, kind] = /^blocks\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const theirs = PARTS.find(([ours]) => ours === part)?.[1];
  if (theirs !== undefined) return `transformer.h.${block}.${theirs}.${kind}`;
  throw new RangeError(`Cannot name a parameter: expected one of a decoder, got "${name}"`);
}

/** Parameters outside the blocks. */
const WHOLE: readonly (readonly [ours: string, theirs: string])[] = [
  ["tokenEmbedding.weight", "transformer.wte.weight"],
  ["positionEmbedding.weight", "transformer.wpe.weight"],
  ["finalNorm.weight", "transformer.ln_f.weight"],
  ["finalNorm.bias", "transformer.ln_f.bias"],
  ["head.weight", "lm_head.weight"],
];

/**
 * Gives our name of one of GPT-2's parameters, with or without `transformer.` in front.
 *
 * @param name Theirs.
 * @returns Ours; null for a mask, which is not a parameter; undefined for a name that a GPT-2 does
 *   not have.
 *
 * @example
 * ```ts
 * import { ourName } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ourName("wte.weight"), "tokenEmbedding.weight");
 * assertEquals(ourName("h.0.attn.masked_bias"), null);
 * assertEquals(ourName("model.layers.0.q_proj.weight"), undefined);
 * ```
 */
export function ourName(name: string): string | null | undefined {
  const long = /^(transformer|lm_head)\./.test(name) ? name : `transformer.${name}`;
  const whole = WHOLE.find(([, theirs]) => theirs === long)?.[0];
  if (whole !== undefined || BUFFER.test(long)) return whole ?? null;
  const [, block, part, kind] = /^transformer\.h\.(\d+)\.(.+)\.(weight|bias)$/.exec(long) ?? [];
  const ours = PARTS.find(([, theirs]) => theirs === part)?.[0];
  return ours === undefined ? undefined : `blocks.${block}.${ours}.${kind}`;
}
