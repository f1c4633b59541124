import type { ModelConfig } from "lib/model/mod.ts";

/** How many parameters each part of the model has; those of a block are counted for one block. */
export interface Parts {
  readonly tokens: number;
  readonly positions: number;
  readonly norms: number;
  readonly qkv: number;
  readonly output: number;
  readonly feedForward: number;
  readonly blocks: number;
  readonly finalNorm: number;
  readonly head: number;
}

/** Counts the parameters of each part. */
export function partsOf(config: ModelConfig): Parts {
  const { vocabSize: V, hiddenSize: C, feedForwardSize: F, maxLength, layers, tiedHead } = config;
  return {
    tokens: V * C,
    positions: maxLength * C,
    norms: 2 * 2 * C,
    qkv: C * 3 * C + 3 * C,
    output: C * C + C,
    feedForward: C * F + F + F * C + C,
    blocks: layers,
    finalNorm: 2 * C,
    head: tiedHead ? 0 : C * V + V,
  };
}

/** Adds them up. */
export function sumOf(parts: Parts): number {
  const { tokens, positions, norms, qkv, output, feedForward, blocks, finalNorm, head } = parts;
  return tokens + positions + blocks * (norms + qkv + output + feedForward) + finalNorm + head;
}

/** A way to count wrongly: which parts come out otherwise, and the sentence that names it. */
export interface PartMistake {
  readonly says: string;
  readonly change: (parts: Parts, config: ModelConfig) => Partial<Parts>;
}

const withoutBiases: PartMistake["change"] = (parts, { hiddenSize: C, feedForwardSize: F }) => ({
  qkv: C * 3 * C,
  output: C * C,
  feedForward: 2 * C * F,
  head: parts.head === 0 ? 0 : parts.tokens,
});

/** The ways in which students count wrongly. */
export const PART_MISTAKES: readonly PartMistake[] = [
  {
    says: "the biases of the linear layers are missing: each has one per output",
    change: withoutBiases,
  },
  {
    says: "the biases of linear layers and of norms are missing",
    change: (parts, config) => ({
      ...withoutBiases(parts, config),
      norms: parts.norms / 2,
      finalNorm: parts.finalNorm / 2,
    }),
  },
  {
    says: "a layer norm has a gain and a bias: 2 C, not C",
    change: (parts) => ({ norms: parts.norms / 2, finalNorm: parts.finalNorm / 2 }),
  },
  {
    says: "the layer norms are missing: two in each block and one at the end, 2 C each",
    change: () => ({ norms: 0, finalNorm: 0 }),
  },
  {
    says: "each block has two layer norms, one before attention and one before feed-forward",
    change: (parts) => ({ norms: parts.norms / 2 }),
  },
  { says: "the last norm, after the blocks, is missing", change: () => ({ finalNorm: 0 }) },
  {
    says: "the position embedding is missing: a row per position",
    change: () => ({ positions: 0 }),
  },
  {
    says: "query, key and value are three layers: 3 (C² + C) together",
    change: (parts) => ({ qkv: parts.qkv / 3 }),
  },
  {
    says: "attention has an output layer after the heads: C² + C",
    change: () => ({ output: 0 }),
  },
  {
    says: "heads share the channels, they do not add any: C² whatever the number of heads",
    change: (parts, { heads }) => ({ qkv: heads * parts.qkv, output: parts.output }),
  },
  {
    says: "the feed-forward layer has two matrices, up [C, F] and down [F, C]",
    change: (_, { hiddenSize: C, feedForwardSize: F }) => ({ feedForward: C * F + F }),
  },
  {
    says: "only one block is counted: multiply by the number of layers",
    change: () => ({ blocks: 1 }),
  },
  {
    says: "a tied head has no parameters of its own: it is the token embedding read backwards",
    change: ({ tokens, head }, { vocabSize: V }) => head === 0 ? { head: tokens + V } : {},
  },
  {
    says: "a tied head has no parameters of its own: the token embedding is counted twice",
    change: ({ tokens, head }) => head === 0 ? { head: tokens } : {},
  },
  { says: "an untied head is a layer of its own: C V + V", change: () => ({ head: 0 }) },
  {
    says: "an untied head has a bias too, one per vocabulary entry",
    change: ({ tokens, head }) => ({ head: head === 0 ? 0 : tokens }),
  },
];
