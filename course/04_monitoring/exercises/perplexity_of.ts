import { exercise } from "lib/grade/mod.ts";

/** A batch that was measured: its mean loss, and over how many targets. */
type Measured = { readonly loss: number; readonly targets: number };
type Answer = (batches: readonly Measured[]) => number;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const reference: Answer = (batches) =>
  Math.exp(
    sum(batches.map(({ loss, targets }) => loss * targets)) / sum(batches.map((b) => b.targets)),
  );

/** 4.2: the perplexity of several batches. */
export default exercise<Answer>({
  name: "perplexityOf",
  reference,
  returns: "number",
  cases: {
    "a batch of 100 targets and one of 20":
      () => [[{ loss: 3, targets: 100 }, { loss: 5, targets: 20 }]],
    "batches of one size": () => [[{ loss: 1, targets: 10 }, { loss: 2, targets: 10 }]],
    "one batch": () => [[{ loss: 2.5, targets: 7 }]],
    "a loss of 0": () => [[{ loss: 0, targets: 5 }, { loss: 1, targets: 15 }]],
    "an empty batch among others": () => [[{ loss: 0, targets: 0 }, { loss: 2, targets: 4 }]],
  },
  drawn: (random, i) => [
    Array.from({ length: i + 1 }, () => ({
      loss: 6 * random.uniform(),
      targets: 1 + random.integer(50),
    })),
  ],
  mistakes: {
    "a mean of perplexities: one hard batch decides all; take e to the mean loss": [
      (batches) => sum(batches.map(({ loss }) => Math.exp(loss))) / batches.length,
      (batches) =>
        sum(batches.map(({ loss, targets }) => targets * Math.exp(loss))) /
        sum(batches.map((b) => b.targets)),
    ],
    "a mean of means: a small batch counts as much as a large one; weigh by targets": (batches) =>
      Math.exp(sum(batches.map(({ loss }) => loss)) / batches.length),
    "that is the mean loss: perplexity is e to it": (batches) => Math.log(reference(batches)),
    "2 to the loss belongs to losses in bits: these are in nats": (batches) =>
      2 ** Math.log(reference(batches)),
    "divided by the number of batches: divide by the number of targets": (batches) =>
      Math.exp(sum(batches.map(({ loss, targets }) => loss * targets)) / batches.length),
    "only the last batch counts": (batches) => Math.exp(batches.at(-1)?.loss ?? NaN),
    "only the first batch counts": (batches) => Math.exp(batches[0]?.loss ?? NaN),
    "e to the minus: a perplexity is at least 1": (batches) => 1 / reference(batches),
    "the losses are added up, and not divided": (batches) =>
      Math.exp(sum(batches.map((b) => b.loss))),
  },
  styles: {
    "a loop": (batches) => {
      let nats = 0, targets = 0;
      for (const batch of batches) {
        nats += batch.loss * batch.targets;
        targets += batch.targets;
      }
      return Math.exp(nats / targets);
    },
    "a weighted geometric mean": (batches) => {
      const all = sum(batches.map((batch) => batch.targets));
      return batches.reduce((product, b) => product * Math.exp(b.loss) ** (b.targets / all), 1);
    },
  },
});
