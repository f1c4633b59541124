import type { TensorData } from "lib/checkpoint/mod.ts";
import { ConfigError, quote } from "lib/core/mod.ts";
import { gpt2Name, type ModelConfig, ourName, paramShapes } from "lib/model/mod.ts";

/** Parameters by name, as bytes. */
type Tensors = ReadonlyMap<string, TensorData>;

/** The weights under GPT-2's names. */
export function toGpt2(model: Tensors): Map<string, TensorData> {
  const bias = model.get("head.bias");
  if (bias?.data.some((byte) => byte !== 0)) {
    throw new ConfigError(
      "Cannot export this run: expected a head without a bias, as GPT-2's, got one that has learned " +
        "its bias; train with --tied-head true (the default)",
    );
  }
  const named = [...model].filter(([name]) => name !== "head.bias");
  return new Map(named.map(([name, tensor]) => [
    gpt2Name(name),
    name === "head.weight" ? transposed(tensor) : tensor,
  ]));
}

/** The result of {@linkcode fromGpt2}. */
export interface ReadWeights {
  /** The weights under our names, as our own files hold them. */
  readonly tensors: Map<string, TensorData>;
  /** What was changed in them, as sentences. */
  readonly notices: readonly string[];
}

/** The weights of a GPT-2 under our names, their vocabulary cut to the tokenizer's. */
export function fromGpt2(model: Tensors, config: ModelConfig): ReadWeights {
  const tensors = new Map<string, TensorData>(), notices: string[] = [];
  for (const [theirs, tensor] of model) {
    const name = ourName(theirs);
    if (name === undefined) {
      throw new ConfigError(
        `Cannot import this model: expected the parameters of a GPT-2, got ${quote(theirs)}`,
      );
    }
    if (name === null || (name === "head.weight" && config.tiedHead)) continue;
    tensors.set(name, name === "head.weight" ? transposed(tensor) : tensor);
  }
  const table = tensors.get("tokenEmbedding.weight"), rows = table?.shape[0] ?? 0;
  if (table !== undefined && rows > config.vocabSize) {
    notices.push(
      `Left out the last ${rows - config.vocabSize} rows of the token embedding: no token has them`,
    );
    tensors.set("tokenEmbedding.weight", firstRows(table, config.vocabSize));
  }
  const head = tensors.get("head.weight");
  if (head !== undefined) {
    // In the transposed table a token is a column; so it is cut before, where a token is a row.
    tensors.set("head.weight", transposed(firstRows(transposed(head), config.vocabSize)));
    const data = new Uint8Array(4 * config.vocabSize);
    tensors.set("head.bias", { dtype: "F32", shape: [config.vocabSize], data });
  }
  checkShapes(tensors, config);
  return { tensors, notices };
}

function checkShapes(tensors: Tensors, config: ModelConfig): void {
  for (const [name, shape] of Object.entries(paramShapes(config))) {
    const got = tensors.get(name)?.shape;
    if (got?.join() === shape.join()) continue;
    throw new ConfigError(
      `Cannot import this model: expected ${
        gpt2Name(name)
      } of [${shape}] by its config.json, got ` +
        (got === undefined ? "none" : `[${got}]`),
    );
  }
  const shapes = paramShapes(config);
  const other = [...tensors.keys()].find((name) => !(name in shapes));
  if (other === undefined) return;
  throw new ConfigError(
    `Cannot import this model: expected ${config.layers} layers by its config.json, got ` +
      gpt2Name(other),
  );
}

/** Bytes per element, of a tensor that has elements. */
function widthOf({ shape, data }: TensorData): number {
  return data.length / shape.reduce((product, length) => product * length, 1);
}

function firstRows(tensor: TensorData, rows: number): TensorData {
  const [all = 0, ...others] = tensor.shape, row = tensor.data.length / all;
  return {
    ...tensor,
    shape: [Math.min(rows, all), ...others],
    data: tensor.data.slice(0, rows * row),
  };
}

function transposed(tensor: TensorData): TensorData {
  const [rows = 0, columns = 0] = tensor.shape, width = widthOf(tensor);
  const data = new Uint8Array(tensor.data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * width, to = (column * rows + row) * width;
      for (let byte = 0; byte < width; byte++) data[to + byte] = tensor.data[from + byte] ?? 0;
    }
  }
  return { ...tensor, shape: [columns, rows], data };
}
