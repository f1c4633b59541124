import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { adamw, applyUpdates, scalarTensors, sgd, type Transform } from "lib/optimizer/mod.ts";
import { disposeParams, mapParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { bounded, limited, momentum } from "../cases.ts";
import { numberOf } from "../loop.ts";

type Options = { readonly transform: Transform; readonly steps: number };
type Answer = (start: Params, lossOf: (params: Params) => tf.Tensor, options: Options) => number[];

/** Where a wrong loop leaves the right way. */
interface Way {
  readonly keeps?: readonly ("params" | "memory")[];
  readonly stepOf?: (step: number) => number;
  readonly apply?: (params: Params, updates: Params) => Params;
  readonly stepsOf?: (steps: number) => number;
  readonly isNotedAfter?: boolean;
  /** What the optimizer is told. */
  readonly paramsSeen?: (now: Params, start: Params) => Params;
}

const loop = (way: Way): WrongAnswer<Answer> => (start, lossOf, { transform, steps }) =>
  tf.tidy(() => {
    const { keeps = ["params", "memory"], apply = applyUpdates } = way;
    let params = start, memory = transform.init(start);
    return Array.from({ length: way.stepsOf?.(steps) ?? steps }, (_, step) => {
      const { value, gradients } = valueAndGradients(params, lossOf);
      const scalars = scalarTensors(transform.scalars(way.stepOf?.(step) ?? step));
      const seen = way.paramsSeen?.(params, start) ?? params;
      const next = transform.update(gradients, memory, seen, scalars);
      if (keeps.includes("params")) params = apply(params, next.updates);
      if (keeps.includes("memory")) memory = next.state;
      return numberOf(way.isNotedAfter ? lossOf(params) : value);
    });
  });

const bowl = () => limited((params) => param(params, "head.weight").mul([[1, 3]]).square().sum());
const start = () => ({ "head.weight": tf.tensor2d([[4, -2]]) });

const decaying = () => bounded(adamw(0.3, { weightDecay: 0.5, schedule: (step) => 1 - step / 9 }));

/** 3.3e: the same loop with any optimizer. */
export default exercise<Answer>({
  name: "overfit",
  reference: (start, lossOf, { transform, steps }) =>
    tf.tidy(() => {
      let params = start, memory = transform.init(start);
      const losses: number[] = [];
      for (let step = 0; step < steps; step++) {
        const { value, gradients } = valueAndGradients(params, lossOf);
        const scalars = scalarTensors(transform.scalars(step));
        const { updates, state } = transform.update(gradients, memory, params, scalars);
        [params, memory] = [applyUpdates(params, updates), state];
        losses.push(numberOf(value));
      }
      return losses;
    }),
  returns: "numbers",
  cases: {
    "6 steps of SGD with momentum and falling rates": () => [
      start(),
      bowl(),
      { transform: bounded(momentum()), steps: 6 },
    ],
    "5 steps of AdamW with decay": () => [start(), bowl(), { transform: decaying(), steps: 5 }],
    "one step of SGD": () => [start(), bowl(), { transform: bounded(sgd(0.01)), steps: 1 }],
    "no steps": () => [start(), bowl(), { transform: decaying(), steps: 0 }],
  },
  freesTensors: true,
  asksBeside: true,
  mistakes: {
    "the weights never change: take the updated ones into the next step": loop({
      keeps: ["memory"],
    }),
    "the optimizer's memory is lost: hand the state of one update to the next": loop({
      keeps: ["params"],
    }),
    "this climbs: an update is added to the weights, it leads downhill already": loop({
      apply: (params, updates) => applyUpdates(params, mapParams(updates, (u) => u.neg())),
    }),
    "the step does not count up: transform.scalars(step) asks for the numbers of this step": [
      loop({ stepOf: () => 0 }),
      loop({ stepOf: () => 1 }),
    ],
    "the step is off by one: the first step is step 0": loop({ stepOf: (step) => step + 1 }),
    "the loss is noted after the update: note the value that the gradient belongs to": loop({
      isNotedAfter: true,
    }),
    "the optimizer is told the weights of the start: it needs those of now, to decay them": loop({
      paramsSeen: (_now, first) => first,
    }),
    "there is one step too many": loop({ stepsOf: (steps) => steps + 1 }),
    "there is one step too few": loop({ stepsOf: (steps) => Math.max(0, steps - 1) }),
    "the updates take the place of the weights: add them, applyUpdates(params, updates)": loop({
      apply: (_params, updates) => updates,
    }),
    "no loss is noted: push the value of each step": () => [],
    "the transform is not used: this is plain gradient descent": [0.01, 0.05, 0.1, 0.001].map(
      (lr) => (first: Params, lossOf: (params: Params) => tf.Tensor, { steps }: Options) =>
        loop({})(first, lossOf, { transform: sgd(lr), steps }),
    ),
    "only the last loss is given: note one in each step": (first, lossOf, options) =>
      [loop({})(first, lossOf, options)].flat().slice(-1),
  },
  styles: {
    "a tidy in each step": (first, lossOf, { transform, steps }) => {
      let state = { params: mapParams(first, (one) => one.clone()), memory: transform.init(first) };
      const losses: number[] = [];
      for (const step of Array(steps).keys()) {
        const before = state;
        state = tf.tidy(() => {
          const { value, gradients } = valueAndGradients(before.params, lossOf);
          losses.push(...value.dataSync());
          const numbers = scalarTensors(transform.scalars(step));
          const next = transform.update(gradients, before.memory, before.params, numbers);
          return { params: applyUpdates(before.params, next.updates), memory: next.state };
        });
        disposeParams(before.params, before.memory);
      }
      disposeParams(state.params, state.memory);
      return losses;
    },
    "a recursion": (first, lossOf, { transform, steps }) =>
      tf.tidy(() => {
        const from = (step: number, params: Params, memory: Params): number[] => {
          if (step >= steps) return [];
          const { value, gradients } = valueAndGradients(params, lossOf);
          const numbers = mapParams(
            Object.fromEntries(
              Object.entries(transform.scalars(step)).map(([name, one]) => [name, tf.scalar(one)]),
            ),
            (one) => one,
          );
          const { updates, state } = transform.update(gradients, memory, params, numbers);
          const next = mapParams(params, (one, name) => one.add(param(updates, name)));
          return [numberOf(value), ...from(step + 1, next, state)];
        };
        return from(0, first, transform.init(first));
      }),
  },
});
