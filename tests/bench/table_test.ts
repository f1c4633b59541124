import { assertEquals } from "@std/assert";
import { formatHead, formatNumber, formatSection } from "../../bench/table.ts";
import { reportOf, rowOf, sectionOf } from "./_reports.ts";

Deno.test("formatSection() lines up groups, ratios, facts, bars and notes", () => {
  const section = sectionOf([
    rowOf("ours, xla", [32, 34], { facts: { loss: "6.9 -> 6.5" } }),
    rowOf("PyTorch eager", [66, 66, 66], { isBaseline: true, facts: { loss: "6.9 -> 6.4" } }),
    rowOf("compile", [], { note: "no compiler" }),
    rowOf("autocast", [6600], {}),
    rowOf("ours, xla", [1234.5], { group: "64 x 128" }),
  ], { remarks: ["A remark."] });
  assertEquals(formatSection(section).split("\n"), [
    "step: one update",
    "ms per step      median   min   ratio  n        loss",
    "64 x 12",
    "  ours, xla        33.0  32.0    0.50  2  6.9 -> 6.5  █████",
    "  PyTorch eager    66.0  66.0    1.00  3  6.9 -> 6.4  ██████████",
    "  compile             -     -       -  0              no compiler",
    "  autocast         6600  6600  100.00  1              ██████████████████████████████▸",
    "64 x 128",
    "  ours, xla        1235  1235       -  1",
    "  A remark.",
  ]);
});

Deno.test("formatSection() names the column after what is best, and no empty group", () => {
  const rows = [rowOf("PyTorch", [100, 120], { group: "" })];
  assertEquals(formatSection(sectionOf(rows, { better: "higher", unit: "GFLOP/s" })).split("\n"), [
    "step: one update",
    "GFLOP/s    median  max  ratio  n",
    "  PyTorch     110  120      -  2",
  ]);
});

Deno.test("formatNumber() keeps three digits", () => {
  const written = [0.0012, 0.12345, 1.2345, 12.345, 123.45, 1234.5, 0, NaN].map(formatNumber);
  assertEquals(written, ["0.001", "0.123", "1.23", "12.3", "123", "1235", "0.00", "-"]);
});

Deno.test("formatHead() names machine, versions and load", () => {
  assertEquals(formatHead(reportOf([])).split("\n"), [
    "2030-01-02T03:04:05.000Z",
    "a processor, 2 cores",
    "PyTorch 2.13.0, 2 threads",
    "load 0.3 before, 1.8 after; figures to be quoted need an idle machine",
  ]);
});
