import * as tf from "@tensorflow/tfjs";
import { padBatch, type PaddedBatch } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { BatchTensors } from "../cases.ts";

type Answer = (batch: PaddedBatch) => BatchTensors;

const reference: Answer = ({ ids, mask, labels, shape: [B, T] }) => ({
  ids: tf.tensor2d(ids, [B, T], "int32"),
  mask: tf.tensor2d(mask, [B, T]),
  labels: tf.tensor1d(labels, "int32"),
});

/** The right tensors with some replaced. */
const altered = (change: (batch: PaddedBatch) => object): WrongAnswer<Answer> => (batch) => {
  const right = reference(batch), changed: Partial<BatchTensors> = change(batch);
  for (const name of ["ids", "mask", "labels"] as const) if (name in changed) right[name].dispose();
  return { ...right, ...changed };
};
const swap = ([B, T]: PaddedBatch["shape"]): [number, number] => [T, B];

const batchOf = (...lengths: number[]) =>
  padBatch(lengths.map((n) => Int32Array.from({ length: n }, (_, i) => 10 * n + i)), { padId: 0 });

/** 1.4d: a batch's numbers as tensors, with shape and dtype. */
export default exercise<Answer>({
  name: "toTensors",
  reference,
  returns: { ids: "int32 tensor", mask: "tensor", labels: "int32 tensor" },
  freesTensors: true,
  cases: {
    "3 sentences of 5, 3 and 4 ids": () => [batchOf(5, 3, 4)],
    "one sentence of 4 ids": () => [batchOf(4)],
    "4 sentences of 2 ids": () => [batchOf(2, 2, 2, 2)],
  },
  mistakes: {
    "ids are token numbers, and token numbers are int32: name the dtype": [
      altered(({ ids, shape: [B, T] }) => ({ ids: tf.tensor2d(Array.from(ids), [B, T]) })),
      altered(({ ids, shape: [B, T] }) => ({ ids: tf.tensor2d(ids, [B, T], "float32") })),
    ],
    "labels are token numbers, and token numbers are int32: name the dtype": [
      altered(({ labels }) => ({ labels: tf.tensor1d(Array.from(labels)) })),
      altered(({ labels }) => ({ labels: tf.tensor1d(labels, "float32") })),
    ],
    "the mask is multiplied with, so it is float32": [
      altered(({ mask, shape: [B, T] }) => ({ mask: tf.tensor2d(mask, [B, T], "int32") })),
      altered(({ mask, shape: [B, T] }) => ({ mask: tf.tensor2d(mask, [B, T], "bool") })),
    ],
    "labels are [B · T], one after the other: the loss knows no rows": altered((
      { labels, shape: [B, T] },
    ) => ({ labels: tf.tensor2d(labels, [B, T], "int32") })),
    "B and T have changed places: the shape is [B, T], B sentences of T positions": [
      altered(({ ids, mask, shape }) => ({
        ids: tf.tensor2d(ids, swap(shape), "int32"),
        mask: tf.tensor2d(mask, swap(shape)),
      })),
      altered(({ ids, shape }) => ({ ids: tf.tensor2d(ids, swap(shape), "int32") })),
      altered(({ mask, shape }) => ({ mask: tf.tensor2d(mask, swap(shape)) })),
    ],
    "ids and mask are [B, T]: give the shape": [
      altered(({ ids, mask }) => ({ ids: tf.tensor1d(ids, "int32"), mask: tf.tensor1d(mask) })),
      altered(({ ids }) => ({ ids: tf.tensor1d(ids, "int32") })),
      altered(({ mask }) => ({ mask: tf.tensor1d(mask) })),
    ],
    'these are the arrays of the batch: tf.tensor2d(ids, [B, T], "int32") makes a tensor': (
      { ids, mask, labels },
    ) => ({ ids, mask, labels }),
    "ids and labels have changed places": altered(({ ids, labels, shape: [B, T] }) => ({
      ids: tf.tensor2d(labels, [B, T], "int32"),
      labels: tf.tensor1d(ids, "int32"),
    })),
  },
  styles: {
    "flat, then put into shape": ({ ids, mask, labels, shape }) =>
      tf.tidy(() => ({
        ids: tf.tensor(ids).reshape([...shape]),
        mask: tf.tensor(Array.from(mask)).reshape([shape[0], -1]),
        labels: tf.tensor(labels),
      })),
    "with the general function": ({ ids, mask, labels, shape }) => ({
      labels: tf.tensor(Array.from(labels), [labels.length], "int32"),
      mask: tf.tensor(mask, [...shape], "float32"),
      ids: tf.tensor(Array.from(ids), [...shape], "int32"),
    }),
  },
});
