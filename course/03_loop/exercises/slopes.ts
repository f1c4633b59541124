import { callLimit, exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Loss = (weights: readonly number[]) => number;
type Answer = (loss: Loss, weights: readonly number[], h?: number) => number[];

const H = 1e-3;

/** The weights with one of them moved. */
const moved = (weights: readonly number[], i: number, by: number) =>
  weights.map((weight, j) => j === i ? weight + by : weight);

const reference: Answer = (loss, weights, h = H) =>
  weights.map((_, i) => (loss(moved(weights, i, h)) - loss(moved(weights, i, -h))) / (2 * h));

/** The right slopes with the quotient replaced. */
const quotient = (of: (loss: Loss, at: (by: number) => number[], h: number) => number) => {
  const answer: WrongAnswer<Answer> = (loss, weights, h = H) =>
    weights.map((_, i) => of(loss, (by) => moved(weights, i, by), h));
  return answer;
};

/** A loss that ends a loop without end. */
const limited = (loss: Loss) => (): Loss => {
  const count = callLimit(100, "a loss");
  return (weights) => {
    count();
    return loss([...weights]);
  };
};
const bowl = limited((w) => w.reduce((sum, x, i) => sum + (1 + 9 * i) * (x - i) ** 2, 3));
const cubic = limited((w) => w.reduce((product, x) => product * (x ** 3 + 1), 1));
const waves = limited((w) => w.reduce((sum, x, i) => sum + Math.sin(x * (i + 1)), 0));

const ripples = limited((w) => w.reduce((sum, x, i) => sum + Math.sin(100 * x + i), 0));

/** 3.1a: the gradient by difference quotients. */
export default exercise<Answer>({
  name: "slopes",
  reference,
  returns: "numbers",
  cases: {
    "a bowl at [3, -1]": () => [bowl(), [3, -1]],
    "a cubic at [1, 2, -2], h = 0.5": () => [cubic(), [1, 2, -2], 0.5],
    "one weight": () => [waves(), [0.3], 0.01],
    "a fast wave and the usual h": () => [ripples(), [1.5, -0.7]],
    "no weights": () => [bowl(), []],
    "a bowl at its lowest point": () => [bowl(), [0, 1, 2], 0.1],
  },
  drawn: (random) => [
    random.integer(2) === 0 ? cubic() : waves(),
    Array.from({ length: 1 + random.integer(4) }, () => Math.round(random.normal() * 10) / 10),
    0.1 + random.uniform(),
  ],
  mistakes: {
    "that is the quotient to one side, (f(w + h) − f(w)) / h: go h to both sides": [
      quotient((loss, at, h) => (loss(at(h)) - loss(at(0))) / h),
      quotient((loss, at, h) => (loss(at(0)) - loss(at(-h))) / h),
    ],
    "the two places are 2h apart: divide by 2h": quotient((loss, at, h) =>
      (loss(at(h)) - loss(at(-h))) / h
    ),
    "the quotient is divided by 2 and multiplied by h: put brackets around 2 * h": quotient((
      loss,
      at,
      h,
    ) => (loss(at(h)) - loss(at(-h))) / 2 * h),
    "the difference is not divided by 2h": quotient((loss, at, h) => loss(at(h)) - loss(at(-h))),
    "the sign is wrong: a slope says which way the loss rises": quotient((loss, at, h) =>
      (loss(at(-h)) - loss(at(h))) / (2 * h)
    ),
    "the places are h/2 to each side: the text goes h to each side": quotient((loss, at, h) =>
      (loss(at(h / 2)) - loss(at(-h / 2))) / h
    ),
    "all weights move at once: move one, and leave the others where they are": (
      loss,
      weights,
      h = H,
    ) => {
      const at = (by: number) => weights.map((weight) => weight + by);
      return weights.map(() => (loss(at(h)) - loss(at(-h))) / (2 * h));
    },
    "a weight is not put back before the next one moves": (loss, weights, h = H) => {
      const place = [...weights];
      return place.map((weight, i) => {
        place[i] = weight + h;
        const above = loss(place);
        place[i] = weight - h;
        return (above - loss(place)) / (2 * h);
      });
    },
    "the loss gets one weight alone: it needs all of them": (loss, weights, h = H) =>
      weights.map((weight) => (loss([weight + h]) - loss([weight - h])) / (2 * h)),
    "h is written in: use the h that you are given": (loss, weights) => reference(loss, weights),
    "the usual h is 1e-3: write h = 1e-3 among the parameters": (loss, weights, h = 0.1) =>
      reference(loss, weights, h),
    "only the first weight is measured": [
      (loss, weights, h) => reference(loss, weights, h).slice(0, 1),
      (loss, weights, h) => reference(loss, weights, h).map((slope, i) => i === 0 ? slope : 0),
    ],
    "the slopes are added up: give one for each weight": (loss, weights, h) =>
      reference(loss, weights, h).reduce((sum, slope) => sum + slope, 0),
  },
  styles: {
    "a loop over a copy": (loss, weights, h = 1e-3) => {
      const slopes: number[] = [], place = weights.slice();
      for (let i = 0; i < weights.length; i++) {
        const weight = weights[i] ?? NaN;
        place[i] = weight + h;
        const above = loss(place);
        place[i] = weight - h;
        const below = loss(place);
        place[i] = weight;
        slopes.push((above - below) / h / 2);
      }
      return slopes;
    },
    "with()": (loss, weights, h = 1e-3) =>
      Array.from(weights, (weight, i) => {
        const [above = NaN, below = NaN] = [h, -h].map((by) => loss(weights.with(i, weight + by)));
        return 0.5 * (above - below) / h;
      }),
  },
});
