import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { gelu } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import { normalTensor, READ_OUT, testModel, withoutGradient } from "../cases.ts";
import { feedForward } from "../parts.ts";

type Answer = (params: Params, path: string, x: tf.Tensor) => tf.Tensor;
type Layer = (x: tf.Tensor) => tf.Tensor;

/** A linear layer with a line done otherwise. */
interface Linear {
  readonly product?: (rows: tf.Tensor, weight: tf.Tensor) => tf.Tensor;
  readonly biased?: (product: tf.Tensor, bias: tf.Tensor) => tf.Tensor;
}

/** Feed-forward from its layers and its activation. */
interface Lines {
  readonly up?: Linear;
  readonly down?: Linear;
  readonly activation?: Layer;
  readonly rows?: Layer;
}

const feedWith =
  ({ up = {}, down = {}, activation = gelu, rows = rowsOf }: Lines): WrongAnswer<Answer> =>
  (
    params,
    path,
    x,
  ) => {
    const layer =
      (name: string, { product = tf.matMul, biased = tf.add }: Linear) => (y: tf.Tensor) =>
        biased(
          product(y, param(params, `${path}.${name}.weight`)),
          param(params, `${path}.${name}.bias`),
        );
    return layer("down", down)(activation(layer("up", up)(rows(x)))).reshape(x.shape);
  };

function rowsOf(x: tf.Tensor): tf.Tensor {
  return x.reshape([-1, x.shape.at(-1) ?? 0]);
}

const both = (layer: Linear) => feedWith({ up: layer, down: layer });
const biasAs = (biased: NonNullable<Linear["biased"]>) => [
  both({ biased }),
  feedWith({ up: { biased } }),
  feedWith({ down: { biased } }),
];
const same = (x: tf.Tensor) => x;
const exactGelu: Layer = (x) => x.mul(x.div(Math.SQRT2).erf().add(1)).mul(0.5);

/** The layer of a model of 3 blocks; with F = C the weights are square, and can be turned unseen. */
const at = (path: string, [B, T]: readonly [B: number, T: number], feedForwardSize = 20) => () => {
  const { params } = testModel({ layers: 3, feedForwardSize });
  return [params, path, normalTensor([B, T, 12], 2)] satisfies Parameters<Answer>;
};

/** 2.3b: two linear layers with an activation function between them. */
export default exercise<Answer>({
  name: "feedForward",
  reference: feedForward,
  returns: "tensor",
  tolerance: 2e-5, // two sums of 20 terms, and gradients of a dozen rows; GELU's other form is off by 1e-4
  cases: {
    "blocks.0.feedForward, x [2, 5, 12]": at("blocks.0.feedForward", [2, 5]),
    "blocks.2.feedForward, x [3, 1, 12], F = C": at("blocks.2.feedForward", [3, 1], 12),
    "blocks.1.feedForward, x [1, 4, 12], F = 7": at("blocks.1.feedForward", [1, 4], 7),
  },
  gradients: true,
  compiled: true,
  mistakes: {
    "the activation function is missing: without gelu() two matrices are no more than one":
      feedWith({
        activation: same,
      }),
    "that is ReLU: this model uses library.gelu()": feedWith({ activation: tf.relu }),
    "that is GELU by erf: the library and GPT-2 take the tanh form, library.gelu()": feedWith({
      activation: exactGelu,
    }),
    "that is another activation function: this model uses library.gelu()": [
      feedWith({ activation: tf.tanh }),
      feedWith({ activation: tf.sigmoid }),
    ],
    "gelu() stands after the second layer: it belongs between the two": (...args) =>
      gelu(feedWith({ activation: same })(...args) as tf.Tensor), // feedWith makes tensors
    "gelu() stands after the second layer too: it belongs between the two alone": (...args) =>
      gelu(feedForward(...args)),
    "gelu() bends the input: it belongs between the two layers": (params, path, x) =>
      feedWith({ activation: same })(params, path, gelu(x)),
    "the input is added here already: the residual belongs to the block": (params, path, x) =>
      feedForward(params, path, x).add(x),
    "the biases are missing: y = x W + b": both({ biased: same }),
    "the bias of the first layer is missing": feedWith({ up: { biased: same } }),
    "the bias of the second layer is missing": feedWith({ down: { biased: same } }),
    "the bias is subtracted: y = x W + b": biasAs(tf.sub),
    "the bias is multiplied: y = x W + b": biasAs(tf.mul),
    "the weight is transposed where it is square: here it is [in, out], unlike PyTorch's": [
      both({ product: turned }),
      feedWith({ up: { product: turned } }),
      feedWith({ down: { product: turned } }),
    ],
    "up and down are swapped where both fit": (params, path, x) => {
      const [, F] = param(params, `${path}.up.weight`).shape;
      return F === x.shape[2]
        ? feedForward(swapped(params, path), path, x)
        : feedForward(params, path, x);
    },
    "the numbers go back to [B, T, C]: reshape": (...args) => rowsOf(feedForward(...args)),
    "the rows are shuffled: reshape x itself to [B · T, C], without a transpose": feedWith({
      rows: (x) => rowsOf(x.transpose([1, 0, 2])),
    }),
    "the path is written in: use the path that you are given": (params, _, x) =>
      feedForward(params, "blocks.0.feedForward", x),
    [READ_OUT]: [
      (...args) => withoutGradient(feedForward(...args)),
      feedWith({ activation: (x) => withoutGradient(gelu(x)) }),
    ],
  },
  styles: {
    "a product for each sentence": (params, path, x) => {
      const layer = (name: string, y: tf.Tensor) => {
        const weight = param(params, `${path}.${name}.weight`);
        const tiled = weight.expandDims(0).tile([x.shape[0] ?? 0, 1, 1]);
        return tf.matMul(y, tiled).add(param(params, `${path}.${name}.bias`));
      };
      return layer("down", gelu(layer("up", x)));
    },
    "the formula of GELU, and sums by hand": (params, path, x) => {
      const layer = (name: string, y: tf.Tensor) =>
        y.expandDims(-1).mul(param(params, `${path}.${name}.weight`)).sum(-2)
          .add(param(params, `${path}.${name}.bias`));
      const h = layer("up", x), inner = h.pow(3).mul(0.044715).add(h).mul(Math.sqrt(2 / Math.PI));
      return layer("down", h.mul(0.5).mul(inner.tanh().add(1)));
    },
  },
});

function turned(rows: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return tf.matMul(rows, weight, false, weight.shape[0] === weight.shape[1]);
}

function swapped(params: Params, path: string): Params {
  const at = (name: string) => param(params, `${path}.${name}`);
  return {
    [`${path}.up.weight`]: at("down.weight"),
    [`${path}.up.bias`]: at("down.bias"),
    [`${path}.down.weight`]: at("up.weight"),
    [`${path}.down.bias`]: at("up.bias"),
  };
}
