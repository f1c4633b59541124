import { adam, adamw, sgd } from "./optimizers.ts";
import type { Transform } from "./transform.ts";

/** What a run's settings say about the optimizer, for {@linkcode optimizerFromConfig}. */
export interface OptimizerConfig {
  /** Which one. */
  readonly kind: "adamw" | "adam" | "sgd";
  /** The peak learning rate. */
  readonly lr: number;
  /** Share of the peak rate at each step, from 0. */
  readonly schedule: (step: number) => number;
  /** Decoupled weight decay λ (`adamw` and `sgd`). */
  readonly weightDecay: number;
  /** How much of the mean gradient stays from step to step (`adamw` and `adam`). */
  readonly beta1: number;
  /** The same of the mean squared gradient (`adamw` and `adam`). */
  readonly beta2: number;
  /** Added to the root of the mean squared gradient (`adamw` and `adam`). */
  readonly epsilon: number;
  /** How much of the last update is repeated (`sgd`). */
  readonly momentum: number;
}

/**
 * Makes the optimizer that a run's settings name.
 *
 * @param config The settings; those of another kind are ignored.
 * @returns The transform.
 * @throws {RangeError} If a setting of this kind is out of its range.
 *
 * @example
 * ```ts
 * import { optimizerFromConfig } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const moments = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum: 0.9 };
 * const settings = { kind: "sgd", lr: 0.1, schedule: () => 0.5, weightDecay: 0, ...moments } as const;
 * assertEquals(optimizerFromConfig(settings).scalars(0).lr, 0.05);
 * ```
 */
export function optimizerFromConfig(config: OptimizerConfig): Transform {
  const { kind, lr, schedule, weightDecay, beta1, beta2, epsilon, momentum } = config;
  switch (kind) {
    case "adamw":
      return adamw(lr, { schedule, weightDecay, beta1, beta2, epsilon });
    case "adam":
      return adam(lr, { schedule, beta1, beta2, epsilon });
    case "sgd":
      return sgd(lr, { schedule, weightDecay, momentum });
  }
}
