import type { Report, Row, Section } from "../../bench/report.ts";

/** A row of the group `64 x 12`. */
export function rowOf(name: string, samples: number[], more: Partial<Row> = {}): Row {
  return { group: "64 x 12", name, isBaseline: false, samples, facts: {}, ...more };
}

/** A section of times. */
export function sectionOf(rows: Row[], more: Partial<Section> = {}): Section {
  return {
    part: "step",
    title: "one update",
    unit: "ms per step",
    better: "lower",
    rows,
    remarks: [],
    ...more,
  };
}

/** A report of some machine. */
export function reportOf(sections: Section[]): Report {
  return {
    date: "2030-01-02T03:04:05.000Z",
    machine: { processor: "a processor, 2 cores" },
    versions: ["PyTorch 2.13.0, 2 threads"],
    settings: { rounds: 2 },
    load: { before: 0.25, after: 1.75 },
    seconds: 12,
    sections,
  };
}
