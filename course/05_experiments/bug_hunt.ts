/**
 * The reports of section 5.8, three of them flawed.
 *
 * All figures come from runs of the notebook's small model, with rate 0.003 where no other is named.
 *
 * @module
 */

/** What can be wrong with a comparison whose figures are all right. */
export const FLAWS = [
  "nothing",
  "the sides learned from different numbers of tokens",
  "each side has one seed",
  "the best of many is judged by the very runs that chose it",
  "only one side had its rate chosen",
  "the sides have different seeds",
  "runs that diverged are left out",
] as const;

/** One of {@linkcode FLAWS}. */
export type Flaw = typeof FLAWS[number];

/** The name of a report. */
export type ReportName = "A" | "B" | "C" | "D";

/** The runs of one setting. */
export interface Side {
  readonly name: string;
  /** Sentences of 6 target tokens per step. */
  readonly batchSize: number;
  readonly steps: number;
  /** The gap to the oracle that each seed came to, in nats. */
  readonly gaps: Readonly<Record<number, number>>;
}

/** What a colleague says, and the runs that it rests on. */
export interface Report {
  readonly claim: string;
  readonly sides: readonly Side[];
}

/** The reports. */
export const REPORTS: Readonly<Record<ReportName, Report>> = {
  A: {
    claim:
      "Batches of 64 beat batches of 16: the same three seeds, the same 120 steps, the same rate, " +
      "p = 0.015. Nothing else was tried.",
    sides: [
      {
        name: "batches of 64",
        batchSize: 64,
        steps: 120,
        gaps: { 1: 0.1437, 2: 0.1274, 3: 0.1158 },
      },
      {
        name: "batches of 16",
        batchSize: 16,
        steps: 120,
        gaps: { 1: 0.4299, 2: 0.3165, 3: 0.3362 },
      },
    ],
  },
  B: {
    claim:
      "We tried eight other widths of the feed-forward layers. 132 beats our 128 with every seed, " +
      "and paired over three seeds p = 0.008.",
    sides: [
      { name: "width 128", batchSize: 64, steps: 120, gaps: { 1: 0.1437, 2: 0.1274, 3: 0.1158 } },
      { name: "width 112", batchSize: 64, steps: 120, gaps: { 1: 0.1445, 2: 0.1304, 3: 0.1202 } },
      { name: "width 116", batchSize: 64, steps: 120, gaps: { 1: 0.1392, 2: 0.1282, 3: 0.1201 } },
      { name: "width 120", batchSize: 64, steps: 120, gaps: { 1: 0.1476, 2: 0.1463, 3: 0.1137 } },
      { name: "width 124", batchSize: 64, steps: 120, gaps: { 1: 0.1484, 2: 0.1292, 3: 0.1202 } },
      { name: "width 132", batchSize: 64, steps: 120, gaps: { 1: 0.139, 2: 0.1238, 3: 0.1121 } },
      { name: "width 136", batchSize: 64, steps: 120, gaps: { 1: 0.1478, 2: 0.1302, 3: 0.1112 } },
      { name: "width 140", batchSize: 64, steps: 120, gaps: { 1: 0.1536, 2: 0.1339, 3: 0.1207 } },
      { name: "width 144", batchSize: 64, steps: 120, gaps: { 1: 0.1409, 2: 0.1333, 3: 0.1195 } },
    ],
  },
  C: {
    claim:
      "SGD lies 0.093 nats above AdamW in the mean. Each had three rates to choose from, on seeds 1 to 3; " +
      "these are the chosen ones on five new seeds, 120 steps each. Paired, p = 0.068: these runs do not show " +
      "that it is worse.",
    sides: [
      {
        name: "AdamW, rate 0.01",
        batchSize: 64,
        steps: 120,
        gaps: { 4: 0.0693, 5: 0.0688, 6: 0.0789, 7: 0.083, 8: 0.0811 },
      },
      {
        name: "SGD, rate 0.3",
        batchSize: 64,
        steps: 120,
        gaps: { 4: 0.1441, 5: 0.3086, 6: 0.1438, 7: 0.1221, 8: 0.1264 },
      },
    ],
  },
  D: {
    claim:
      "Xavier's formula with normal draws beats the same with uniform ones, by 0.006 nats: same seed, " +
      "same steps, same rate. Nothing else was tried.",
    sides: [
      { name: "uniform draws", batchSize: 64, steps: 120, gaps: { 1: 0.1437 } },
      { name: "normal draws", batchSize: 64, steps: 120, gaps: { 1: 0.1374 } },
    ],
  },
};
