/**
 * Escapes text for HTML.
 *
 * @param text Any text.
 */
export function html(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/**
 * Converts simple Markdown to HTML: paragraphs, code in backticks, bold and emphasised words.
 *
 * @param text Markdown of the simplest kind.
 */
export function paragraphs(text: string): string {
  return text.trim().split(/\n\s*\n/).map((part) => `<p>${inline(part)}</p>`).join("");
}

/**
 * Converts simple Markdown to HTML within one line, without paragraphs.
 *
 * @param text Markdown of the simplest kind.
 */
export function inline(text: string): string {
  return html(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<b>$1</b>").replaceAll(
      /(?<![\w*])\*([^*\s][^*]*)\*/g,
      "<em>$1</em>",
    );
}

/** Writes points with at most two decimals: 2, 1.5. */
export function pointsText(points: number): string {
  return String(Math.round(points * 100) / 100);
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2327; --soft: #5b666e; --line: #d9dee2; --paper: #fff;
  --card: #f6f8f9; --right: #1a7f4b; --partial: #9a6700; --wrong: #c0362c; --bar: #b9d8c6; --link: #1a5fa8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9eb; --soft: #a3adb4; --line: #3a4248;
  --paper: #15191c; --card: #1e2428; --right: #58c98b; --partial: #e0b040; --wrong: #ff8a80; --bar: #2d5c43; --link: #8ab8f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; } p { margin: .4rem 0; } .soft { color: var(--soft); }
code, pre { font: .875em/1.45 ui-monospace, monospace; } code { background: var(--card); padding: 0 .2em; }
pre { white-space: pre-wrap; background: var(--card); padding: .6rem .8rem; margin: .5rem 0; border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; } .number { text-align: right; white-space: nowrap; }
.scroll td:first-child { white-space: nowrap; } .scroll td:last-child { min-width: 12rem; }
td p, td ul, td details { margin: 0; } td { line-height: 1.4; }
.scroll { overflow-x: auto; } .scroll table { overflow-wrap: normal; }
.item { border: 1px solid var(--line); border-left-width: .3rem; border-radius: .3rem; padding: .7rem .9rem; margin: .7rem 0; }
.item > header { display: flex; gap: 1rem; justify-content: space-between; align-items: baseline; }
.right { border-left-color: var(--right); } .partial, .manual { border-left-color: var(--partial); }
.wrong, .lost, .empty { border-left-color: var(--wrong); }
.points { white-space: nowrap; font-variant-numeric: tabular-nums; }
details { margin: .5rem 0 0; } summary { cursor: pointer; color: var(--soft); }
figure { margin: 1rem 0; } figcaption { color: var(--soft); font-size: .875rem; }
figure img { max-width: 100%; height: auto; background: #fff; border: 1px solid var(--line); }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: .5rem 0; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .7rem; font-size: .875rem; }
.chips .ok { border-color: var(--right); } .share { display: flex; align-items: center; gap: .5rem; min-width: 9rem; }
.share i { display: block; height: .7rem; background: var(--bar); border-radius: .2rem; }
ul { padding-left: 1.2rem; margin: .4rem 0; } a { color: var(--link); }
.scroll td:last-child:has(details) { min-width: 4rem; } .scroll td:last-child:has(details[open]) { min-width: 16rem; }
@media (max-width: 48rem) { th, td { padding-right: .5rem; } .share { min-width: 0; } .share i { display: none; }
  .scroll td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 8.75rem; }
  .scroll td:last-child { min-width: 10rem; overflow-wrap: anywhere; } }
@media print { .item { break-inside: avoid; } }
`;

/**
 * A whole HTML page that needs no other files.
 *
 * @param title Its title.
 * @param body Its HTML.
 */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${html(title)}</title><style>${STYLE}</style></head>
<body>
${body}
</body></html>
`;
}
