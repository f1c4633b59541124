import * as tf from "@tensorflow/tfjs";
import { compile } from "lib/backend/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import {
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  isDecayed,
  type OptimizerOptions,
  scalarTensors,
  scaleByAdam,
  scaleByLearningRate,
  type Transform,
  type Update,
} from "lib/optimizer/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";
import { normalTensor, updated } from "../cases.ts";

type Answer = (peak: number, options?: OptimizerOptions) => Transform;
type Scalars = Parameters<Transform["update"]>[3];

const SHAPES = {
  "tokenEmbedding.weight": [3, 2],
  "blocks.0.attention.qkv.weight": [2, 6],
  "blocks.0.attention.qkv.bias": [6],
  "finalNorm.weight": [2],
};
const draw = (seed: number): Params =>
  Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape], i) => [name, normalTensor(shape, seed + i)]),
  );

/** The weights after each of some steps from `first` on. */
function weightsOf(transform: Transform, first = 0, count = 4): Params[] {
  let params = draw(0), state = transform.init(params);
  return Array.from({ length: count }, (_, i) => {
    const next = updated(transform, [draw(50 + 10 * i), state, params], first + i);
    [params, state] = [applyUpdates(params, next.updates), next.state];
    return params;
  });
}

const halving = (step: number) => 1 / (step + 1);

/** AdamW with another rule for decay. */
const withRule =
  (rule: (name: string, shape: readonly number[]) => boolean, factor = 1): WrongAnswer<Answer> =>
  (peak, { schedule, weightDecay = 0.01 } = {}) =>
    chain(
      scaleByAdam(),
      addDecayedWeights(weightDecay * factor, rule),
      scaleByLearningRate(peak, schedule),
    );

/** AdamW with other host numbers. */
const withScalars = (
  scalars: (step: number, right: Transform, peak: number, options: OptimizerOptions) => object,
): WrongAnswer<Answer> =>
(peak, options = {}) => {
  const right = adamw(peak, options);
  return { ...right, scalars: (step: number) => scalars(step, right, peak, options) };
};

/** AdamW whose result is changed on its way out. */
const withUpdate =
  (change: (result: Update, state: Params, scalars: Scalars) => object): WrongAnswer<Answer> =>
  (peak, options) => {
    const right = adamw(peak, options);
    const update: Transform["update"] = (gradients, state, params, scalars) => ({
      ...right.update(gradients, state, params, scalars),
      ...change(right.update(gradients, state, params, scalars), state, scalars),
    });
    return { ...right, update };
  };

const SCHEDULE_KEPT = "the schedule is asked once, and its answer kept: ask it in scalars(step)";

/** 3.3d: AdamW as a transform. */
export default exercise<Answer>({
  name: "adamw",
  reference: (peak, { schedule, weightDecay } = {}) =>
    adamw(peak, {
      ...schedule !== undefined && { schedule },
      ...weightDecay !== undefined && { weightDecay },
    }),
  returns: { init: "function", scalars: "function", update: "function" },
  cases: {
    "4 steps with a schedule and decay 2": () => [0.05, { schedule: halving, weightDecay: 2 }],
    "4 steps without options": () => [0.1],
    "4 steps without decay": () => [0.1, { weightDecay: 0 }],
    "4 steps with a schedule that begins at 0": () => [1, { schedule: (step) => step / 10 }],
  },
  read: (transform) => weightsOf(transform),
  probes: {
    "the numbers of steps 0 and 3": (answer) => {
      const transform = answer(0.2, { schedule: halving });
      return [0, 3].map((step) => {
        const { lr, correction1, correction2 } = transform.scalars(step);
        return { lr, correction1, correction2 };
      });
    },
    "2 steps of a run that begins at step 5": (answer) =>
      weightsOf(answer(0.1, { schedule: halving, weightDecay: 1 }), 5, 2),
    "a gradient as small as ε, 1e-8": (answer) => {
      const transform = answer(1, { weightDecay: 0 }), params = draw(0);
      const tiny = mapParams(params, (one) => tf.fill(one.shape, 1e-8));
      return updated(transform, [tiny, transform.init(params), params], 0).updates;
    },
    "one transform used for two runs": (answer) => {
      const transform = answer(0.1, { schedule: halving });
      return [weightsOf(transform, 0, 2), weightsOf(transform, 0, 2)];
    },
    "two transforms used in turns": (answer) => {
      const first = answer(0.1), second = answer(0.3, { schedule: halving });
      return [first, second, first].map((transform) => weightsOf(transform, 0, 1));
    },
    "the state after a step": (answer) => {
      const transform = answer(0.1), params = draw(0);
      return updated(transform, [draw(50), transform.init(params), params], 0).state;
    },
    "a compiled update at steps 0 and 7": (answer) => {
      const transform = answer(0.1, { schedule: halving, weightDecay: 1 }), params = draw(0);
      const update = compile(
        ({ gradients, state, scalars }: { gradients: Params; state: Params; scalars: Params }) => ({
          ...transform.update(gradients, state, params, scalars).updates,
        }),
        { mode: "graph", name: "adamw" },
      );
      return [0, 7].map((step) => {
        const scalars = scalarTensors(transform.scalars(step));
        return update({ gradients: draw(50), state: transform.init(params), scalars });
      });
    },
  },
  asksBeside: true,
  mistakes: {
    "layer norms decay: ask isDecayed which parameters do": withRule((name) =>
      name.endsWith(".weight") && !name.includes("Embedding")
    ),
    "embeddings decay: ask isDecayed which parameters do": withRule((_name, shape) =>
      shape.length === 2
    ),
    "biases decay: ask isDecayed which parameters do": [
      withRule((name, shape) => name.endsWith(".bias") || isDecayed(name, shape)),
      withRule((name) => name.endsWith(".bias")),
    ],
    "every parameter decays: ask isDecayed which ones do": withRule(() => true),
    "the others decay: where isDecayed says so, take weightDecay, else 0": withRule((name, shape) =>
      !isDecayed(name, shape)
    ),
    "ε is not 1e-8": (peak, options = {}) => adamw(peak, { ...options, epsilon: 1e-7 }),
    "nothing decays: is weightDecay handed on?": withRule(() => false),
    "the decay is written in: use weightDecay": (peak, { schedule } = {}) =>
      adamw(peak, schedule === undefined ? {} : { schedule }),
    "the schedule is off by one: the update at step s takes schedule(s)": withScalars((
      step,
      right,
      peak,
      { schedule = () => 1 },
    ) => ({ ...right.scalars(step), lr: peak * schedule(step + 1) })),
    "the corrections are off by one: steps count from 0, as biasCorrections expects": [
      withScalars((step, right) => ({
        ...right.scalars(step + 1),
        lr: right.scalars(step).lr,
      })),
      withScalars((step, right) => ({
        ...right.scalars(Math.max(0, step - 1)),
        lr: right.scalars(step).lr,
      })),
    ],
    "the schedule is not used: lr = peak · schedule(step)": (peak, { weightDecay } = {}) =>
      adamw(peak, weightDecay === undefined ? {} : { weightDecay }),
    "the peak is not used: lr = peak · schedule(step)": (_peak, options) => adamw(1, options),
    [SCHEDULE_KEPT]: (peak, { schedule = () => 1, ...options } = {}) =>
      adamw(peak * schedule(0), options),
    "the step is not used: the corrections stay those of the first": withScalars((
      step,
      right,
    ) => ({ ...right.scalars(0), lr: right.scalars(step).lr })),
    "lr is missing among the scalars: peak · schedule(step)": withScalars((step, right) => {
      const { lr: _, ...corrections } = right.scalars(step);
      return corrections;
    }),
    "the corrections are missing among the scalars: ...biasCorrections(step, betas)": withScalars((
      step,
      right,
    ) => ({ lr: right.scalars(step).lr })),
    "m and v do not come back: put the new ones into moments": [
      withUpdate((_result, state) => ({ state })),
      withUpdate(() => ({ state: {} })),
    ],
    "m and v come back under other names: m.NAME and v.NAME, as they came": [
      withUpdate(({ state }) => ({
        state: Object.fromEntries(
          Object.entries(state).map(([name, one]) => [name.replace(/^(m|v)\./, "$1"), one]),
        ),
      })),
      withUpdate(({ state }) => ({
        state: Object.fromEntries(
          Object.entries(state).map(([name, one]) => [name.replace(/^(m|v)\.(.*)$/, "$2.$1"), one]),
        ),
      })),
    ],
    "m comes back as v, and v as m": withUpdate(({ state }) => ({
      state: Object.fromEntries(
        Object.entries(state).map(([name, one]) => [
          name.replace(/^[mv]/, (letter) => letter === "m" ? "v" : "m"),
          one,
        ]),
      ),
    })),
    "only the last parameter is updated: fill updates in the loop": withUpdate(({ updates }) => ({
      updates: Object.fromEntries(Object.entries(updates).slice(-1)),
    })),
    "no updates come out: fill updates in the loop": withUpdate(() => ({ updates: {} })),
    "the updates lead uphill": withUpdate(({ updates }) => ({
      updates: mapParams(updates, (one) => one.neg()),
    })),
    "the transform counts steps itself: a resumed run begins at another step, so use the scalars that come in":
      (peak, options) => {
        const right = adamw(peak, options);
        let count = 0;
        const update: Transform["update"] = (gradients, state, params, scalars) => {
          const { correction1, correction2 } = scalarTensors(right.scalars(count++));
          const own = { ...correction1 && { correction1 }, ...correction2 && { correction2 } };
          return right.update(gradients, state, params, { ...scalars, ...own });
        };
        return { ...right, update };
      },
    "the transform keeps m and v itself: use the state that comes in": (peak, options) => {
      const right = adamw(peak, options);
      let own: Params | undefined;
      const update: Transform["update"] = (gradients, state, params, scalars) => {
        const result = right.update(gradients, own ?? state, params, scalars);
        own = result.state;
        return result;
      };
      return { ...right, update };
    },
    "numbers are read out of the scalars: a compiled step would keep those of its first call": (
      peak,
      options,
    ) => {
      const right = adamw(peak, options);
      const update: Transform["update"] = (gradients, state, params, scalars) =>
        right.update(
          gradients,
          state,
          params,
          mapParams(scalars, (one) => tf.scalar(one.dataSync()[0] ?? NaN)),
        );
      return { ...right, update };
    },
  },
  styles: {
    "the library's stages": (peak, { schedule = () => 1, weightDecay = 0.01 } = {}) =>
      chain(
        scaleByAdam({ beta1: 0.9, beta2: 0.999 }),
        addDecayedWeights(weightDecay),
        scaleByLearningRate(peak, schedule),
      ),
    "by formulas, for all parameters": (peak, options = {}) => {
      const { schedule, weightDecay = 0.01 } = options;
      return {
        init: (params) => scaleByAdam().init(params),
        scalars: (step) => ({
          lr: schedule === undefined ? peak : schedule(step) * peak,
          correction1: 1 / (1 - 0.9 ** (step + 1)),
          correction2: 1 / (1 - 0.999 ** (step + 1)),
        }),
        update: (gradients, state, params, scalars) => {
          const next: Record<string, tf.Tensor> = {}, updates: Record<string, tf.Tensor> = {};
          const get = (record: Params, name: string) => record[name] ?? tf.scalar(NaN);
          for (const name of Object.keys(params)) {
            const weight = get(params, name), gradient = get(gradients, name);
            const m = get(state, `m.${name}`).mul(0.9).add(gradient.mul(0.1));
            const v = get(state, `v.${name}`).mul(0.999).add(gradient.square().mul(0.001));
            const typical = v.mul(get(scalars, "correction2")).sqrt().add(1e-8);
            let step = m.mul(get(scalars, "correction1")).div(typical);
            if (isDecayed(name, weight.shape)) step = step.add(weight.mul(weightDecay));
            next[`m.${name}`] = m;
            next[`v.${name}`] = v;
            updates[name] = step.mul(get(scalars, "lr")).mul(-1);
          }
          return { updates, state: next };
        },
      };
    },
  },
});
