/**
 * The physical limit of a step: its matrix work at the highest rate that any product was seen at.
 *
 * @module
 */
import { modelConfig } from "lib/model/mod.ts";
import type { Row, Section } from "./report.ts";

/** Steps that {@linkcode stepWork} counts: batch and positions. */
export interface Work {
  readonly batchSize: number;
  readonly length: number;
}

/**
 * Counts the multiplications and additions of the matrix products of a step of the course's model.
 *
 * Each weight meets each row three times, forward and for both gradients: 6 · rows · weights. The
 * products inside attention add 12 · layers · B · T² · C.
 */
export function stepWork({ batchSize: B, length: T }: Work): number {
  const { layers, hiddenSize: C, feedForwardSize: F, vocabSize: V } = modelConfig();
  const weights = layers * (4 * C * C + 2 * C * F) + V * C;
  return 6 * B * T * weights + 12 * layers * B * T ** 2 * C;
}

const PRECISIONS = ["float32", "bfloat16"] as const;

/** Compares the steps of a run with their limit, where it has both steps and products. */
export function limitSections(sections: readonly Section[]): Section[] {
  const steps = sections.find(({ part }) => part === "step");
  const products = sections.find(({ part }) => part === "peak");
  if (steps === undefined || products === undefined) return [];
  const groups = [...new Set(steps.rows.map(({ group }) => group))];
  const rows = groups.flatMap((group) =>
    PRECISIONS.flatMap((precision) => limitRows(group, precision, { steps, products }))
  );
  return [{
    part: "limit",
    title: "steps against their matrix work at the highest rate seen of either library",
    unit: "ms per step",
    better: "lower",
    rows,
    remarks: [
      "The limit leaves out all that is no matrix product: norms, softmax, optimizer, memory.",
    ],
  }];
}

function limitRows(
  group: string,
  precision: (typeof PRECISIONS)[number],
  { steps, products }: { readonly steps: Section; readonly products: Section },
): Row[] {
  const [batchSize = NaN, length = NaN] = group.split(" x ").map(Number);
  const rates = products.rows.filter(({ name }) => name.endsWith(precision))
    .flatMap(({ samples }) => samples);
  if (rates.length === 0) return [];
  const work = stepWork({ batchSize, length }) / 1e9, rate = Math.max(...rates);
  const name = `limit: ${work.toFixed(1)} GFLOP at ${rate.toFixed(0)} GFLOP/s`;
  const measured = steps.rows.filter((row) =>
    row.group === group && row.samples.length > 0 && isOf(precision, row.name)
  );
  const heading = `${group}, ${precision}`;
  return [
    {
      group: heading,
      name,
      isBaseline: true,
      samples: [1000 * work / rate],
      facts: {},
    },
    ...measured.map((row) => ({ ...row, group: heading, isBaseline: false, facts: {} })),
  ];
}

function isOf(precision: string, name: string): boolean {
  return /bfloat16|autocast/.test(name) === (precision === "bfloat16");
}
