import { exercise } from "lib/grade/mod.ts";
import { modelConfig, paramShapes } from "lib/model/mod.ts";
import { isDecayed } from "lib/optimizer/mod.ts";

type Answer = (name: string, shape: readonly number[]) => boolean;

/** Every parameter of models of other sizes, so that neither number of blocks nor width can be written in. */
const PARAMETERS = [
  ...Object.entries(paramShapes(modelConfig({ layers: 12, tiedHead: false }))),
  ...Object.entries(
    paramShapes(modelConfig({ hiddenSize: 8, heads: 2, vocabSize: 8, maxLength: 8, layers: 1 })),
  ),
].filter(([name]) => /^\w+\.\w+$|blocks\.(0|2|11)\./.test(name));

const isMatrix = (shape: readonly number[]) => shape.length === 2;
const isEmbedding = (name: string) => name.includes("Embedding");

/** 3.3c: only the weights of linear layers decay. */
export default exercise<Answer>({
  name: "isDecayed",
  reference: isDecayed,
  returns: "boolean",
  cases: Object.fromEntries(
    PARAMETERS.map(([name, shape]) => [`${name} [${shape.join(", ")}]`, () => [name, shape]]),
  ),
  mistakes: {
    "layer norms must not decay: their gains are near 1, and decay pulls to 0": [
      (name) => name.endsWith(".weight") && !isEmbedding(name),
      (name) => name.endsWith(".weight") && !name.startsWith("finalNorm") && !isEmbedding(name),
      (name) =>
        name.endsWith(".weight") && !/[bB]locks\.\d+\.\w*Norm/.test(name) && !isEmbedding(name),
    ],
    "layer norms and embeddings must not decay: their weights have other tasks than to be small": (
      name,
    ) => name.endsWith(".weight"),
    "embeddings must not decay: the rows of rare words would shrink from one sentence with them to the next":
      [
        (_name, shape) => isMatrix(shape),
        (name, shape) => isMatrix(shape) && !name.startsWith("tokenEmbedding"),
        (name, shape) => isMatrix(shape) && !name.startsWith("positionEmbedding"),
      ],
    "biases must not decay: the pull to 0 is meant for the matrices of linear layers": [
      (name) => !/norm|embedding/i.test(name),
      (name) => /attention\.|feedForward\.|head\./.test(name),
    ],
    "biases, norms and embeddings must not decay: true for all is no answer": () => true,
    "the weights of linear layers are what decay is for: false for all is no answer": () => false,
    "the head is a linear layer too": (name, shape) =>
      isMatrix(shape) && name.startsWith("blocks."),
    "blocks are left out: a model may have twelve, and numbers of two digits": [
      ...[1, 2, 3, 4].map((layers) => (name: string, shape: readonly number[]) =>
        isDecayed(name, shape) && Number(/blocks\.(\d+)/.exec(name)?.[1] ?? 0) < layers
      ),
      (name, shape) => isMatrix(shape) && /^(blocks\.\d|head)\./.test(name),
    ],
    "these are the ones that do not decay: the answer is the other way round": (name, shape) =>
      !isDecayed(name, shape),
  },
  styles: {
    "by the names of the layers": (name) =>
      /\.(qkv|output|up|down)\.weight$/.test(name) || name === "head.weight",
    "one question after the other": (name, shape) => {
      if (shape.length < 2) return false;
      if (/embedding/i.test(name)) return false;
      return true;
    },
  },
});
