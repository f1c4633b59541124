import { assert, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  accumulate,
  adam,
  adamw,
  applyUpdates,
  clipByGlobalNorm,
  globalNorm,
  type OptimizerOptions,
  scalarTensors,
  sgd,
  type Transform,
} from "lib/optimizer/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import golden from "../golden/optimizers.json" with { type: "json" };
import { assertMatches, recordedTensors } from "../support/golden.ts";
import { testedBackend } from "../support/tested_backend.ts";
import { numberOf } from "../support/tensors.ts";

const { allowed } = await testedBackend();

type Schedule = Required<Pick<OptimizerOptions, "schedule">>;
type Case = (typeof golden.cases)[keyof typeof golden.cases];

/** One row per recorded case: the same optimizer as the script's, with the peak rate 1. */
const OPTIMIZERS: Record<keyof typeof golden.cases, (schedule: Schedule) => Transform> = {
  "adam": (schedule) => adam(1, schedule),
  "adam with other betas": (schedule) =>
    adam(1, { ...schedule, ...golden.cases["adam with other betas"].options }),
  "adamw": (schedule) => adamw(1, { ...schedule, weightDecay: 0.1 }),
  "adamw, clipped": (schedule) => adamw(1, { ...schedule, weightDecay: 0.1 }),
  "adamw, accumulated and clipped": (schedule) => adamw(1, { ...schedule, weightDecay: 0.1 }),
  "sgd": (schedule) => sgd(1, schedule),
  "sgd with momentum": (schedule) => sgd(1, { ...schedule, momentum: 0.9 }),
  "sgd with momentum, clipped": (schedule) => sgd(1, { ...schedule, momentum: 0.9 }),
};

function maxNormOf({ options }: Case): number {
  return "maxNorm" in options ? options.maxNorm : Infinity;
}

/** Adds up a step's micro-batches. */
function gradientsOf({ gradients }: Case["steps"][number]): Params {
  let total: Params | undefined;
  for (const part of gradients) total = accumulate(total, recordedTensors(golden.shapes, part));
  assert(total !== undefined, "the file has a micro-batch for every step");
  return total;
}

for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
  Deno.test(`${name}: matches PyTorch ${golden.torch} on 10 recorded steps`, () => {
    // The keys of OPTIMIZERS are those of the cases.
    const recorded: Case = golden.cases[name as keyof typeof golden.cases];
    const optimizer = makeOptimizer({ schedule: (step) => recorded.steps[step]?.lr ?? NaN });
    let params = recordedTensors(golden.shapes, recorded.params), state = optimizer.init(params);
    for (const [step, expected] of recorded.steps.entries()) {
      const { gradients, norm } = clipByGlobalNorm(gradientsOf(expected), maxNormOf(recorded));
      const scalars = scalarTensors(optimizer.scalars(step));
      const next = optimizer.update(gradients, state, params, scalars);
      params = applyUpdates(params, next.updates);
      state = next.state;
      assertMatches(norm, expected.gradNorm, allowed.optimizerNorm);
      assertMatches(params, expected.params, allowed.optimizerParam);
    }
  });
}

Deno.test("clipByGlobalNorm() adds PyTorch's 1e-6 to the norm, which shows on tiny gradients", () => {
  const { gradient, maxNorm, clipped } = golden.tinyClip;
  const { gradients } = clipByGlobalNorm({ w: tf.tensor1d(gradient) }, maxNorm);
  // float32 has steps of 1.4e-14 at 2e-7, half of one was measured; without the 1e-6 it is 1e-7.
  assertMatches(gradients, { w: clipped }, 2e-14);
});

Deno.test("the recorded steps hold gradients that are clipped and gradients that are not", () => {
  for (const recorded of Object.values(golden.cases)) {
    const maxNorm = maxNormOf(recorded);
    if (maxNorm === Infinity) continue;
    const norms = recorded.steps.map((step) => numberOf(globalNorm(gradientsOf(step))));
    assertLess(maxNorm, Math.max(...norms));
    assertLess(Math.min(...norms), maxNorm);
  }
});
