import { html, Markup } from "lib/plot/mod.ts";
import type { Exploration } from "./exploration.ts";

/** Read when this module is loaded, so that a page needs no other file. */
const SCRIPT = Deno.readTextFileSync(new URL("page/explorer.js", import.meta.url));
const STYLE = Deno.readTextFileSync(new URL("page/explorer.css", import.meta.url));

/**
 * Writes an explorer as one HTML page that needs neither a network nor a kernel: the reader chooses
 * a sentence and a token (by mouse or keys), and sees who attends to whom in each head, the
 * likeliest next tokens by the model and by the oracle, and the nearest embeddings.
 *
 * @param exploration What {@linkcode explore} saw.
 * @returns A complete HTML document.
 *
 * @example
 * ```ts
 * import { explorerPage } from "lib/explore/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const sentence = {
 *   source: "validation",
 *   ids: [1],
 *   attention: Uint8Array.of(255).toBase64(),
 *   next: [{ tokens: [[4, 0.97, 1]], rest: [0.03, 0], impossible: 0.03 }],
 * } as const;
 * const tokens = { 1: "<bos>", 4: "The" }, neighbors = { 1: [[4, 0.25]] } as const;
 * const page = explorerPage({
 *   ...{ title: "plain-001", layers: 1, heads: 1, tokens, sentences: [sentence], neighbors },
 * });
 * assertStringIncludes(page, "<title>Explorer: plain-001</title>");
 * ```
 */
export function explorerPage(exploration: Exploration): string {
  // "</script>" in the data would end the script; JSON can write "<" as an escape.
  const data = JSON.stringify(exploration).replaceAll("<", "\\u003c");
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Explorer: ${exploration.title}</title>
        <style>${new Markup(STYLE)}</style>
      </head>
      <body>
        <h1>Explorer: ${exploration.title}</h1>
        <p class="faint">
      Point at a token, or go from one to the next by the arrow keys: it is the one that asks. Choose a
      head to see by the tokens' lower edges how much it looks at each.
        </p>
        <label for="sentence">Sentence</label>
        <select id="sentence"></select>
        <p></p>
        <div id="tokens" role="group" aria-label="The sentence's tokens"></div>
        <p id="summary" aria-live="polite"></p>
        <div class="columns">
          <div>
    ${headsPanel()}
      </div>
          <div>
    ${nextPanel()}
    ${nearPanel()}
      </div>
        </div>
        <noscript>This page needs JavaScript.</noscript>
        <script type="application/json" id="exploration">${new Markup(data)}</script>
        <script type="module">${new Markup(SCRIPT)}</script>
      </body>
    </html>
  `;
  return `${page}\n`;
}

function headsPanel(): Markup {
  return html`
    <section class="panel" aria-labelledby="heads-name">
      <h2 id="heads-name">Attention: who looks at whom</h2>
      <p class="faint">
        A row of each map asks, its columns are looked at; dark is much in the light theme, bright is
        much in the dark one. The framed row is the chosen token's; below stands where it looks most.
      </p>
      <div id="heads"></div>
      <details>
        <summary id="table-name"></summary>
        <div class="wide" tabindex="0" role="region" aria-label="Attention weights">
          <table id="table"></table>
        </div>
      </details>
    </section>
  `;
}

function nextPanel(): Markup {
  return html`
    <section class="panel" aria-labelledby="next-name">
      <h2 id="next-name"></h2>
      <table>
        <thead>
          <tr>
            <th scope="col">next token</th>
            <th scope="col" colspan="2">model</th>
            <th scope="col" colspan="2">oracle</th>
          </tr>
        </thead>
        <tbody id="next"></tbody>
      </table>
      <p class="faint" id="impossible"></p>
    </section>
  `;
}

function nearPanel(): Markup {
  return html`
    <section class="panel" aria-labelledby="near-name">
      <h2 id="near-name"></h2>
      <table>
        <thead>
          <tr>
            <th scope="col">token</th>
            <th scope="col" class="number">cosine</th>
          </tr>
        </thead>
        <tbody id="near"></tbody>
      </table>
    </section>
  `;
}
