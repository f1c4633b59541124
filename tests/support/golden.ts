/**
 * Holds our numbers against those that PyTorch computed; `tests/golden/README.md` says how.
 *
 * @module
 */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { type ModelConfig, modelConfig, paramShapes } from "lib/model/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";

/** Numbers as a golden file holds them: of a scalar, of a tensor row after row, of a record. */
export type Recorded = number | readonly number[] | { readonly [name: string]: Recorded };

/** What can be held against recorded numbers. */
export type Computed = number | readonly number[] | tf.Tensor | Params;

/** Makes tensors of recorded numbers. */
export function recordedTensors(
  shapes: Readonly<Record<string, readonly number[]>>,
  values: Readonly<Record<string, readonly number[]>>,
): Params {
  const names = Object.keys(shapes);
  assertEquals(Object.keys(values).toSorted(), names.toSorted());
  return Object.fromEntries(
    names.map((name) => [name, tf.tensor([...values[name] ?? []], [...shapes[name] ?? []])]),
  );
}

/** Gives the largest difference between our numbers and the recorded ones. */
export function worstDifference(computed: Computed, recorded: Recorded): number {
  const ours = flatten(computed), theirs = flatten(recorded);
  assertEquals(ours.length, theirs.length, "as many numbers as were recorded");
  // Not Math.max: a NaN on either side must fail, and `NaN <= largest` does.
  return ours.reduce((largest, value, i) => {
    const difference = Math.abs(value - (theirs[i] ?? NaN));
    return difference <= largest ? largest : difference;
  }, 0);
}

/** Fails if one of our numbers lies further from the recorded one than is allowed. */
export function assertMatches(computed: Computed, recorded: Recorded, tolerance: number): void {
  const worst = worstDifference(computed, recorded);
  assertLessOrEqual(worst, tolerance, `differs by ${worst}, allowed is ${tolerance}`);
}

/**
 * Draws the whole numbers from 0 to 2^32 - 1 that `make_full_model.py` draws: MurmurHash3's
 * finaliser over the place plus 2^24 times the salt.
 */
export function hashed(count: number, salt: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count }, (_, place) => {
    let x = place + salt * 2 ** 24;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return x ^ (x >>> 16);
  });
}

/** Makes the exercise's model with weights by that formula. */
export function hashedModel(): { config: ModelConfig; params: Params } {
  const config = modelConfig();
  const tensors = Object.entries(paramShapes(config)).map(([name, shape], salt) => {
    const center = name.endsWith("orm.weight") ? 1 : 0; // the gains of layer norms
    const draws = hashed(shape.reduce((product, size) => product * size, 1), salt);
    const values = Float32Array.from(draws, (draw) => center + 0.05 * (draw / 2 ** 31 - 1));
    return [name, tf.tensor(values, [...shape])] as const;
  });
  return { config, params: Object.fromEntries(tensors) };
}

/**
 * Sets the keys' bias to 0, as it is in the recorded parameters. A constant added to all keys changes
 * no attention weight, so its gradient is rounding noise, which Adam divides by the noise's own
 * size: that bias wanders, and means nothing.
 */
export function withoutKeyBias(params: Params): Params {
  return mapParams(params, (tensor, name) => {
    if (!name.endsWith("qkv.bias")) return tensor;
    return tensor.reshape([3, -1]).mul(tf.tensor2d([[1], [0], [1]])).flatten();
  });
}

function flatten(values: Computed | Recorded): number[] {
  if (typeof values === "number") return [values];
  if (values instanceof tf.Tensor) return Array.from(values.dataSync());
  if (isList(values)) return [...values];
  // By name, so that the order of the layers on the two sides does not matter.
  const entries = Object.entries<Computed | Recorded>(values);
  return entries.toSorted(([a], [b]) => a < b ? -1 : 1).flatMap(([, value]) => flatten(value));
}

function isList(values: unknown): values is readonly number[] {
  return Array.isArray(values);
}
