/**
 * What the part `ranks` of a bench comes to: figures for a notebook, and a chart.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type ChartOptions, PALETTE } from "lib/plot/mod.ts";
import { medianOf, type Report, type Row, type Section } from "./report.ts";

/** A step of one side. */
export interface StepFigure {
  /** Such as `ours, 2 ranks`. */
  readonly side: string;
  /** Sentences of all ranks together. */
  readonly batchSize: number;
  /** Positions of a sentence. */
  readonly length: number;
  readonly seconds: number;
  /** Share of it in the all-reduce; null where there is none, or it cannot be told apart. */
  readonly exchangeShare: number | null;
}

/** An all-reduce of one side. */
export interface ExchangeFigure {
  readonly side: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** The figures, and what they depend on. */
export interface RankFigures extends Pick<Report, "date" | "machine" | "versions" | "load"> {
  readonly steps: readonly StepFigure[];
  readonly exchanges: readonly ExchangeFigure[];
}

/** Medians of steps and all-reduces; sides that failed are left out. */
export function rankFigures(report: Report): RankFigures {
  const { date, machine, versions, load } = report;
  const timed = ({ rows }: Section) => rows.filter(({ samples }) => samples.length > 0);
  return {
    date,
    machine,
    versions,
    load,
    steps: timed(find(report, "ranks")).map((row): StepFigure => {
      const [batchSize = NaN, length = NaN] = row.group.split(" x ").map(Number);
      const share = Number.parseFloat(row.facts["all-reduce"] ?? "") / 100;
      const exchangeShare = Number.isFinite(share) ? share : null;
      return { side: row.name, batchSize, length, seconds: secondsOf(row), exchangeShare };
    }),
    exchanges: timed(find(report, "all-reduce")).map((row) => (
      { side: row.name, bytes: Number.parseInt(row.group), seconds: secondsOf(row) }
    )),
  };
}

function secondsOf(row: Row): number {
  return medianOf(row) / 1000;
}

/** Draws tokens per second of each side at the largest batch. */
export function ranksChart(report: Report): ChartOptions {
  const { steps } = rankFigures(report);
  const largest = steps.reduce((most, { batchSize }) => Math.max(most, batchSize), 0);
  const bars = steps.filter(({ batchSize }) => batchSize === largest)
    .map(({ side, batchSize, length, seconds }) => {
      const tokens = batchSize * length / seconds;
      return { side, tokens, text: `${Math.round(tokens).toLocaleString("en")}` };
    });
  return {
    width: 760,
    height: bars.length * 24 + 70,
    marginLeft: 160,
    marginRight: 80,
    marginBottom: 45,
    x: { label: "tokens per second", labelOffset: 40, grid: true },
    y: { label: null, domain: bars.map(({ side }) => side) },
    ariaLabel: "Tokens per second on one core, on two threads, and on two ranks",
    ariaDescription: bars.map(({ side, text }) => `${side} ${text}`).join("; "),
    marks: [
      Plot.barX(bars, {
        y: "side",
        x: "tokens",
        fill: ({ side }: { side: string }) =>
          side.startsWith("ours") ? PALETTE.train : PALETTE.reference,
      }),
      Plot.text(bars, { y: "side", x: "tokens", text: "text", textAnchor: "start", dx: 4 }),
    ],
  };
}

function find({ sections }: Report, part: string): Section {
  const found = sections.find((section) => section.part === part);
  if (found !== undefined) return found;
  throw new RangeError(
    `Cannot sum up the ranks: expected a report of that part, got none of "${part}"; ` +
      "run `./denow task bench ranks`",
  );
}
