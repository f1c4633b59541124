/**
 * What one AdamW update takes and gives: the exercises 3.3b and 3.3d.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

/** What one AdamW update of one parameter starts from; all of the parameter's shape. */
export interface AdamwInput {
  /** The loss's derivative by the weight. */
  readonly gradient: tf.Tensor;
  /** The weight before the update. */
  readonly weight: tf.Tensor;
  /** The running mean of gradients before the update. */
  readonly m: tf.Tensor;
  /** The running mean of squared gradients before the update. */
  readonly v: tf.Tensor;
}

/** The numbers of one AdamW update that change from step to step. */
export interface AdamwScalars {
  /** float32 scalar: the learning rate of this step. */
  readonly lr: tf.Tensor;
  /** float32 scalar: 1 / (1 − β₁ᵗ). */
  readonly correction1: tf.Tensor;
  /** float32 scalar: 1 / (1 − β₂ᵗ). */
  readonly correction2: tf.Tensor;
}

/** The numbers of one AdamW update. */
export interface AdamwNumbers extends AdamwScalars {
  /** β₁, what is kept of the mean. */
  readonly beta1: number;
  /** β₂, what is kept of the mean square. */
  readonly beta2: number;
  /** ε, added to the root. */
  readonly epsilon: number;
  /** λ of this parameter; 0 where it does not decay. */
  readonly weightDecay: number;
}

/** What one AdamW update of one parameter gives. */
export interface AdamwOutput {
  /** What is added to the weight. */
  readonly update: tf.Tensor;
  /** The running mean after the update. */
  readonly m: tf.Tensor;
  /** The running mean square after the update. */
  readonly v: tf.Tensor;
}
