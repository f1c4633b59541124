import { assertEquals, assertThrows } from "@std/assert";
import { medianOf, parseReport, type Report, type Row, summarize } from "../../bench/report.ts";
import { reportOf, rowOf, sectionOf } from "./_reports.ts";

Deno.test("summarize() compares with the best baseline of the row's own group", () => {
  const rows: Row[] = [
    rowOf("ours", [30, 10, 20]),
    rowOf("eager", [50, 30, 40], { isBaseline: true }),
    rowOf("passive", [80, 60], { isBaseline: true }),
    rowOf("eager", [1], { isBaseline: true, group: "other" }),
  ];
  const ours = rows[0] ?? rowOf("", []);
  assertEquals(summarize(sectionOf(rows), ours), { median: 20, best: 10, ratio: 0.5 });
  const rates = { ...sectionOf(rows), better: "higher" } as const;
  assertEquals(summarize(rates, ours), { median: 20, best: 30, ratio: 20 / 70 });
});

Deno.test("summarize() knows no ratio without a baseline, and nothing without samples", () => {
  const failed = rowOf("eager", [], { isBaseline: true }), ours = rowOf("ours", [2]);
  const section = sectionOf([failed, ours]);
  assertEquals(summarize(section, ours), { median: 2, best: 2, ratio: NaN });
  assertEquals(summarize(section, failed), { median: NaN, best: NaN, ratio: NaN });
  assertEquals(medianOf(failed), NaN);
});

Deno.test("parseReport() gives back every sample that was written", () => {
  const report: Report = reportOf([sectionOf([rowOf("ours", [1.5, 2.25], { note: "once" })])]);
  assertEquals(parseReport(JSON.stringify(report)), report);
});

Deno.test("parseReport() says what is no report", () => {
  const broken = { ...reportOf([]), sections: [{ part: "step" }] };
  assertThrows(
    () => parseReport(JSON.stringify(broken)),
    SyntaxError,
    "Cannot read a bench report: expected what `task bench` writes, got Invalid input",
  );
  assertThrows(() => parseReport("{}"), SyntaxError, 'at "date"');
  assertThrows(() => parseReport("{"), SyntaxError);
});
