import { toXmlText } from "./_xml.ts";

/**
 * Text that is HTML already, as {@linkcode html} makes it.
 *
 * @example
 * ```ts
 * import { html, Markup } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(String(html`<p>${new Markup("<b>bold</b>")}</p>`), "<p><b>bold</b></p>");
 * ```
 */
export class Markup {
  readonly #text: string;

  /**
   * Takes a text as HTML, without checking it.
   *
   * @param text HTML from a trusted source.
   */
  constructor(text: string) {
    this.#text = text;
  }

  /** The HTML. */
  toString(): string {
    return this.#text;
  }
}

/**
 * A value that {@linkcode html} inserts: everything except markup is escaped; `null` inserts
 * nothing.
 */
export type Filling = Markup | string | number | null | readonly Filling[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Builds HTML from a template, and trims it; inserted text cannot become markup.
 *
 * @param parts The template's own text.
 * @param fillings The values to insert: everything except markup is escaped.
 * @returns The HTML.
 *
 * @example
 * ```ts
 * import { html } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(String(html`<p>${"a < b"}</p>`), "<p>a &lt; b</p>");
 * ```
 */
export function html(parts: TemplateStringsArray, ...fillings: readonly Filling[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...fillings.map(toText)).trim());
}

function toText(filling: Filling): string {
  if (filling === null) return "";
  if (filling instanceof Markup) return filling.toString();
  if (typeof filling === "object") return filling.map(toText).join("");
  return escapeHtml(String(filling));
}

/** Escapes text so that a browser shows it unchanged, also inside quoted attributes. */
export function escapeHtml(text: string): string {
  return toXmlText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
