import { type Exploration, explorerPage, unpackAttention } from "lib/explore/mod.ts";
import { attentionGrid, renderPng } from "lib/plot/mod.ts";
import type { MimeBundle } from "./screen.ts";

/** An explorer that a notebook shows as a cell's last value. */
export interface DisplayedExplorer {
  /**
   * The page by MIME type, under the symbol that Deno's kernel asks for: `text/html` is the page in
   * a frame, `image/png` the first sentence's attention, `text/plain` one sentence of text.
   */
  [name: symbol]: () => MimeBundle;
}

const HEIGHT = 900;

/**
 * Shows an explorer below a cell. It also works without a kernel: in a saved notebook, and in HTML
 * made from one. A viewer that drops HTML shows a picture of the first sentence's attention
 * instead.
 *
 * @param exploration What `explore` or `exploreCorpus` of `lib/explore` saw.
 * @returns An object for a cell's last line, or for `show`.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { exploreCorpus } from "lib/explore/mod.ts";
 * import { displayExplorer, show } from "lib/notebook/mod.ts";
 * import { createRun, runConfig } from "lib/train/mod.ts";
 *
 * await useBackend();
 * const { config, corpus, state } = createRun(runConfig({ data: { examples: 500 }, train: { warmup: 0 } }));
 * const model = { config: config.model, params: state.params };
 * await show(displayExplorer(exploreCorpus(model, corpus, { title: "before training" })));
 * ```
 */
export function displayExplorer(exploration: Exploration): DisplayedExplorer {
  const page = explorerPage(exploration).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const frame = `<iframe title="Explorer" sandbox="allow-scripts" ` +
    `style="width: 100%; height: ${HEIGHT}px; border: 0" srcdoc="${page}"></iframe>`;
  const { title, sentences: [first], layers, heads, tokens } = exploration;
  const words = first?.ids.map((id) => tokens[id] ?? "") ?? [];
  return {
    [Symbol.for("Jupyter.display")]: () => ({
      "text/html": frame,
      ...first && {
        "image/png": renderPng(
          attentionGrid(unpackAttention(first.attention, { layers, heads, T: words.length }), {
            tokens: words,
          }),
        ).toBase64(),
      },
      "text/plain": `Explorer: ${title}; ${sizeOf(exploration)}`,
    }),
  };
}

function sizeOf({ sentences, layers, heads }: Exploration): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  return `${count(sentences.length, "sentence")}, ${count(layers, "layer")} of ${
    count(heads, "head")
  }`;
}
