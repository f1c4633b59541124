/**
 * Finds texts of a page that cannot be read: one lies over another, or outside of what can be seen.
 *
 * @module
 */
import type { Page } from "playwright-core";

/** Two texts of which one covers the other, or one that lies outside of what can be seen. */
export interface Fault {
  readonly texts: readonly string[];
  readonly pixels: readonly [across: number, down: number];
}

/** What the page's script below finds: texts by the rectangles of their lines. */
export function faultsIn(page: Page): Promise<Fault[]> {
  return page.evaluate(FIND_FAULTS);
}

/** Runs in the page, whose types Deno does not have: so it is a text. */
const FIND_FAULTS = `(() => {
  const ALLOWED = 3; // pixels: lines of text have more room than their letters
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = [], faults = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.trim() === "" || node.parentElement.closest("style, title, desc")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      const line = { text: node.data.trim().slice(0, 60), node, left, right, top, bottom };
      // What a scroll bar hides is not seen.
      for (let box = node.parentElement; box && box !== document.body; box = box.parentElement) {
        if (getComputedStyle(box).overflowX === "visible" || box.ownerSVGElement) continue;
        const shown = box.getBoundingClientRect();
        line.left = Math.max(line.left, shown.left);
        line.right = Math.min(line.right, shown.right);
      }
      if (line.right - line.left > 0) lines.push(line);
    }
  }
  const over = (a, b) => [
    Math.min(a.right, b.right) - Math.max(a.left, b.left),
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
  ];
  for (const [i, a] of lines.entries()) {
    if (a.right > document.documentElement.clientWidth + 1 || a.left < -1) {
      faults.push({ texts: [a.text], pixels: [a.right - document.documentElement.clientWidth, 0] });
    }
    for (const b of lines.slice(i + 1)) {
      const [across, down] = over(a, b);
      if (a.node !== b.node && across > ALLOWED && down > ALLOWED) {
        faults.push({ texts: [a.text, b.text], pixels: [across, down] });
      }
    }
  }
  return faults;
})()`;
