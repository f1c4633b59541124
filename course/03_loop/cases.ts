/**
 * What the checks of notebook 3 give to answers: numbers, small models, and a task for loops.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { type Batch, createDataLoader, createDataset, type Cursor } from "lib/data/mod.ts";
import { callLimit, CheckError, expectThat, kindProblem } from "lib/grade/mod.ts";
import { initializeParams, type ModelConfig, modelConfig } from "lib/model/mod.ts";
import { scalarTensors, sgd, type Transform, type Update } from "lib/optimizer/mod.ts";
import { param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import type { LoopParts, LoopRow, LoopState } from "./loop.ts";

/** Draws a tensor of normal numbers, the same at each call. */
export function normalTensor(shape: readonly number[], seed: number, scale = 1): tf.Tensor {
  const random = new Random(seed), size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => scale * random.normal()), [...shape]);
}

/** A model small enough to be run many times. */
export function tinyModel(settings: Parameters<typeof modelConfig>[0] = {}): {
  readonly config: ModelConfig;
  readonly params: Params;
} {
  const config = modelConfig({
    vocabSize: 13,
    hiddenSize: 8,
    heads: 2,
    layers: 1,
    feedForwardSize: 12,
    maxLength: 8,
    initStd: 0.5,
    ...settings,
  });
  return { config, params: initializeParams(config, 3) };
}

/** A loss that ends a loop without end. */
export function limited(
  lossOf: (params: Params) => tf.Tensor,
  most = 100,
): (params: Params) => tf.Tensor {
  const count = callLimit(most, "the loss");
  return (params) => {
    count();
    return lossOf(params);
  };
}

/** The rate of each step, another for each so that a shift shows. */
export function rateOf(step: number): number {
  return 0.1 / (step + 1);
}

/** How a {@linkcode loopTask} differs from the usual one. */
export interface LoopTaskOptions {
  /** Sentences in a batch; default 3. */
  readonly batchSize?: number;
  /** Of the order of sentences; default 4. */
  readonly seed?: number;
  /** The optimizer; default SGD with momentum and the rates of {@linkcode rateOf}. */
  readonly transform?: Transform;
}

/** A task that a loop solves in no time, and what the loop did. */
export interface LoopTask {
  /** All but the number of epochs. */
  readonly parts: Omit<LoopParts, "epochs">;
  /** The examples of each batch, in the order in which they were learned. */
  readonly seen: number[][];
  /** What was logged. */
  readonly rows: LoopRow[];
  /** A fresh state before the first step. */
  start(): LoopState;
}

/** Batches, losses and rates that a right loop may ask for, with room to spare. */
const MOST_CALLS = 30;

/** 7 sentences of one number each, in batches of 3, 3 and 1; the weight shall be their mean. */
export function loopTask(options: LoopTaskOptions = {}): LoopTask {
  const { batchSize = 3, seed = 4, transform = momentum() } = options;
  const seen: number[][] = [], rows: LoopRow[] = [];
  const countRows = callLimit(MOST_CALLS, "a row in the log");
  const countGradients = callLimit(MOST_CALLS, "a gradient");
  const gradientsOf = (params: Params, batch: Batch) => {
    countGradients();
    seen.push([...batch.indices]);
    const { value, gradients } = valueAndGradients(params, (p) => meanSquare(p, batch));
    return { loss: value, gradients, norm: param(gradients, "weight").abs().sum() };
  };
  const log = (row: LoopRow) => {
    countRows();
    rows.push(row);
  };
  const start = () => freshState(transform);
  const parts = {
    loader: loaderOf(batchSize, seed),
    transform: bounded(transform, MOST_CALLS),
    gradientsOf,
    log,
  };
  return { parts, seen, rows, start };
}

/** A transform that ends a loop without end, and refuses numbers where tensors belong. */
export function bounded(transform: Transform, most = 100): Transform {
  const count = callLimit(most, "the numbers of a step");
  return {
    ...transform,
    scalars(step) {
      count();
      return transform.scalars(step);
    },
    update(gradients, state, params, scalars) {
      expectThat(
        Object.values(scalars).every((scalar) => scalar instanceof tf.Tensor),
        "expected update to get its scalars as tensors, got numbers; optim.scalarTensors(...)",
      );
      return transform.update(gradients, state, params, scalars);
    },
  };
}

/** The state before the first step of a {@linkcode loopTask}. */
export function freshState(transform: Transform): LoopState {
  const params = { weight: tf.tensor1d([1]) };
  return { step: 0, cursor: { epoch: 0, batch: 0 }, params, optimizer: transform.init(params) };
}

/** Gradient descent that remembers: what is lost between two steps shows. */
export function momentum(): Transform {
  return sgd(0.1, { momentum: 0.5, schedule: (step) => rateOf(step) / 0.1 });
}

/** Batches of the sentences "3", "5" to "15", of which a loop without end gets only so many. */
export function loaderOf(batchSize: number, seed: number): Pick<LoopParts["loader"], "batches"> {
  const encoder = { encode: (text: string) => Int32Array.of(1, Number(text), 2) };
  const sentences = ["3", "5", "7", "9", "11", "13", "15"].map((one) => [one]);
  const loader = createDataLoader(createDataset(sentences, encoder), { batchSize, seed });
  const count = callLimit(MOST_CALLS, "a batch");
  return {
    *batches(from?: Cursor): Generator<Batch, never> {
      const batches = loader.batches(from);
      while (true) {
        count();
        yield batches.next().value;
      }
    },
  };
}

/** How far the weight is from the numbers of a batch. */
export function meanSquare(params: Params, batch: Batch): tf.Tensor {
  const values = tf.tensor1d(batch.indices.map((index) => 3 + 2 * index));
  return param(params, "weight").sub(values).square().mean();
}

/** The place where a {@linkcode loopTask} begins. */
const BEGINNING = { step: 0, cursor: { epoch: 0, batch: 0 } };

/** Runs a loop on a task of its own, and gives all that can be seen of it. */
export function runLoop(
  epochs: number,
  options: LoopTaskOptions = {},
  from: Pick<LoopState, "step" | "cursor"> = BEGINNING,
): (fit: (start: LoopState, parts: LoopParts) => LoopState) => object {
  return (fit) => {
    const { parts, seen, rows, start } = loopTask(options);
    const { step, cursor, params, optimizer } = fit({ ...start(), ...from }, { ...parts, epochs });
    return { batches: seen, rows, step, cursor, params, optimizer };
  };
}

/** How many tensors there are more after something than before it. */
export function tensorsLeft(act: () => void): number {
  const before = tf.memory().numTensors;
  act();
  return tf.memory().numTensors - before;
}

/** What an update gives, held to leave what it was given as it is. */
export function updated(
  transform: Transform,
  [gradients, state, params]: readonly [gradients: Params, state: Params, params: Params],
  step: number,
): Update {
  const before = Object.entries(state), scalars = scalarTensors(transform.scalars(step));
  const result = transform.update(gradients, state, params, scalars);
  const kind = { updates: "params", state: "params" } as const;
  const problem = kindProblem(result, kind, "update(...)");
  if (problem !== undefined) throw new CheckError(problem);
  expectThat(
    before.every(([name, one]) => state[name] === one),
    "expected the state that goes into update to stay as it is, got it changed; make a new record",
  );
  expectThat(
    [gradients, state, params].every((record) => Object.values(record).every((t) => !t.isDisposed)),
    "expected update to free nothing that it is given, got tensors disposed of",
  );
  return result;
}
