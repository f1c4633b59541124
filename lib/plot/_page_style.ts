/**
 * The style of the report and other pages: light or dark as the reader's browser is set, and for
 * printing. A chart stays white, or is drawn in both themes.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --text: #1b1f24; --faint: #59626d; --line: #d9dee4;
  --good: #007a59; --bad: #b34700;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1e2329; --text: #e7eaee; --faint: #a2adb9; --line: #363d46;
    --good: #4fc9a3; --bad: #ff9b57;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 32px 20px 64px; max-width: 1320px; background: var(--page);
  color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { margin: 0; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 36px 0 10px; font-size: 19px; }
h3 { margin: 0 0 8px; font-size: 15px; }
p { margin: 6px 0; }
.faint { color: var(--faint); font-size: 13.5px; }
.cards {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 10px;
  margin: 20px 0;
}
.card, .panel {
  background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 12px 14px;
}
.card .value { font-size: 23px; font-weight: 600; font-variant-numeric: tabular-nums; }
.verdict { border-left: 6px solid var(--bad); }
.verdict.fits { border-left-color: var(--good); }
.verdict h2 { margin: 0 0 4px; }
.verdict ul, .notices ul { margin: 6px 0 0; padding-left: 20px; }
.notices h2 { margin: 0; font-size: 16px; }
.notices { border-left: 6px solid var(--bad); margin-top: 12px; }
.row {
  display: grid; grid-template-columns: minmax(0, 672px) minmax(0, 1fr); gap: 14px;
  align-items: start;
}
.halves { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; }
.chart {
  background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 12px;
  overflow-x: auto;
}
.chart svg { display: block; width: 100%; height: auto; }
.chart.dark { display: none; background: #1b1f24; }
@media screen and (prefers-color-scheme: dark) {
  .chart.light { display: none; }
  .chart.dark { display: block; }
}
.row + .panel { margin-top: 14px; }
.panel table + h3 { margin-top: 16px; }
.wide { overflow-x: auto; }
.wide td.text { min-width: 90px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td {
  padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top;
}
th { font-weight: 600; color: var(--faint); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
p, li, td.text, code { overflow-wrap: anywhere; }
.good { color: var(--good); } .bad { color: var(--bad); }
pre {
  margin: 6px 0; padding: 10px 12px; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; overflow-x: auto;
}
code, pre { font: 13.5px/1.45 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
.samples th.number { width: 1%; }
.samples .number { padding-right: 18px; }
.ending::first-letter { text-transform: uppercase; }
.settings { columns: 3 300px; column-gap: 28px; }
.settings table { break-inside: avoid; margin-bottom: 14px; }
.settings td:first-child { white-space: nowrap; }
.settings .number { white-space: normal; overflow-wrap: anywhere; }
@media (max-width: 1000px) { .row, .halves { grid-template-columns: minmax(0, 1fr); } }
@media print {
  :root {
    --page: #fff; --card: #fff; --text: #000; --faint: #444; --line: #bbb; --good: #007a59;
    --bad: #b34700;
  }
  body { padding: 0; max-width: none; font-size: 11pt; }
  .row { display: block; }
  .row > * { margin-bottom: 10px; }
  .row > .chart { max-width: 620px; }
  .halves { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .chart, .card, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; }
}
`;
