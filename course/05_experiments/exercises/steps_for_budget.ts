import { exercise } from "lib/grade/mod.ts";

type Answer = (
  tokens: number,
  options: {
    readonly batchSize: number;
    readonly accumulation: number;
    readonly targetsPerSentence: number;
  },
) => number;

/** 5.3: how many updates a budget of tokens allows. */
export default exercise<Answer>({
  name: "stepsForBudget",
  reference: (tokens, { batchSize, accumulation, targetsPerSentence }) =>
    Math.max(1, Math.floor(tokens / (batchSize * accumulation * targetsPerSentence))),
  returns: "number",
  cases: {
    "48,000 tokens in batches of 64": () => [
      48_000,
      { batchSize: 64, accumulation: 1, targetsPerSentence: 6 },
    ],
    "the same in batches of 16": () => [
      48_000,
      { batchSize: 16, accumulation: 1, targetsPerSentence: 6 },
    ],
    "the same in 4 micro-batches of 16": () => [
      48_000,
      { batchSize: 16, accumulation: 4, targetsPerSentence: 6 },
    ],
    "sentences of 8.4 targets in the mean": () => [
      10_000,
      { batchSize: 32, accumulation: 1, targetsPerSentence: 8.4 },
    ],
    "one sentence per step, 8.4 targets in the mean": () => [
      10_000,
      { batchSize: 1, accumulation: 1, targetsPerSentence: 8.4 },
    ],
    "exactly 10 steps": () => [3840, { batchSize: 64, accumulation: 1, targetsPerSentence: 6 }],
    "a trillion tokens": () => [1e12, { batchSize: 64, accumulation: 1, targetsPerSentence: 6 }],
    "less than one step": () => [100, { batchSize: 64, accumulation: 1, targetsPerSentence: 6 }],
  },
  drawn: (random) => [
    random.integer(100_000),
    {
      batchSize: 1 + random.integer(128),
      accumulation: 1 + random.integer(4),
      targetsPerSentence: 4 + random.integer(100) / 10,
    },
  ],
  mistakes: {
    "tokens per step are rounded: they are a mean, so divide by them as they are, and round the steps":
      [
        (tokens, { batchSize, accumulation, targetsPerSentence }) =>
          Math.max(
            1,
            Math.floor(tokens / Math.ceil(batchSize * accumulation * targetsPerSentence)),
          ),
        (tokens, { batchSize, accumulation, targetsPerSentence }) =>
          Math.max(
            1,
            Math.floor(tokens / (batchSize * accumulation * Math.round(targetsPerSentence))),
          ),
        (tokens, { batchSize, accumulation, targetsPerSentence }) =>
          Math.max(
            1,
            Math.floor(tokens / (batchSize * accumulation * Math.floor(targetsPerSentence))),
          ),
      ],
    "`| 0` and `~~` cut to 32 bits, where budgets are trillions: take Math.floor": (
      tokens,
      { batchSize, accumulation, targetsPerSentence },
    ) => Math.max(1, (tokens / (batchSize * accumulation * targetsPerSentence)) | 0),
    "a micro-batch is not a step: a step takes `accumulation` of them": (
      tokens,
      { batchSize, targetsPerSentence },
    ) => Math.max(1, Math.floor(tokens / (batchSize * targetsPerSentence))),
    "that counts sentences: a sentence has `targetsPerSentence` tokens": (
      tokens,
      { batchSize, accumulation },
    ) => Math.max(1, Math.floor(tokens / (batchSize * accumulation))),
    "the budget is exceeded: round down": [
      (tokens, { batchSize, accumulation, targetsPerSentence }) =>
        Math.max(1, Math.ceil(tokens / (batchSize * accumulation * targetsPerSentence))),
      (tokens, { batchSize, accumulation, targetsPerSentence }) =>
        Math.max(1, Math.round(tokens / (batchSize * accumulation * targetsPerSentence))),
    ],
    "at least one step: a run of none teaches nothing": (
      tokens,
      { batchSize, accumulation, targetsPerSentence },
    ) => Math.floor(tokens / (batchSize * accumulation * targetsPerSentence)),
    "a whole number of steps": (tokens, { batchSize, accumulation, targetsPerSentence }) =>
      Math.max(1, tokens / (batchSize * accumulation * targetsPerSentence)),
    "targets per sentence are written in: they differ from level to level": (
      tokens,
      { batchSize, accumulation },
    ) => Math.max(1, Math.floor(tokens / (batchSize * accumulation * 6))),
    "more micro-batches per step make fewer steps": (
      tokens,
      { batchSize, accumulation, targetsPerSentence },
    ) => Math.max(1, Math.floor(accumulation * tokens / (batchSize * targetsPerSentence))),
  },
  styles: {
    "the rest taken off": (tokens, { batchSize, accumulation, targetsPerSentence }) => {
      const each = batchSize * accumulation * targetsPerSentence;
      return Math.round((tokens - tokens % each) / each) || 1;
    },
    "sentences first": (tokens, { batchSize, accumulation, targetsPerSentence }) => {
      const sentencesPerStep = accumulation * batchSize;
      const steps = Math.trunc(tokens / targetsPerSentence / sentencesPerStep + 1e-12);
      return steps < 1 ? 1 : steps;
    },
  },
});
