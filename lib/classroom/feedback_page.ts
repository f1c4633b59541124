import { html, inline, page, paragraphs, pointsText } from "./page.ts";
import type { Grade, ItemResult, ItemStatus } from "./results.ts";

const WORDS: Readonly<Record<ItemStatus, string>> = {
  right: "right",
  partial: "partly right",
  wrong: "not right yet",
  empty: "nothing written",
  lost: "did not come to an end",
  manual: "a person reads it",
};

/**
 * The page for one student: what is right, what is wrong and why, the hints, the pictures. It does not show
 * what hidden tests ask.
 *
 * @param student The student.
 * @param grades The grades of their notebooks.
 */
export function feedbackPage(student: string, grades: readonly Grade[]): string {
  const parts = grades.map((grade) => notebookPart(grade));
  const [points, most] = [total(grades, "points"), total(grades, "most")];
  const manual = total(grades, "manual");
  const waiting = manual > 0 ? `; ${pointsText(manual)} more wait for a person` : "";
  return page(
    `Feedback for ${student}`,
    `<h1>${html(student)}</h1>
<p><b>${pointsText(points)} of ${pointsText(most)} points</b>${waiting}</p>
${parts.join("\n")}`,
  );
}

function total(grades: readonly Grade[], key: "points" | "most" | "manual"): number {
  return grades.reduce((sum, grade) => sum + grade[key], 0);
}

function notebookPart({ notebook, points, most, items, notes, errors, pictures }: Grade): string {
  const right = items.filter(({ status }) => status === "right");
  const others = items.filter(({ status }) => status !== "right" && status !== "empty");
  const empty = items.filter(({ status }) => status === "empty");
  const chips = right.map((item) =>
    `<li class="ok">✓ ${html(nameOf(item))} <span class="soft">${pointsText(item.most)}</span></li>`
  );
  return `<h2>${html(notebook)} <span class="soft">${pointsText(points)} of ${
    pointsText(most)
  }</span></h2>
${chips.length === 0 ? "" : `<ul class="chips">${chips.join("")}</ul>`}
${others.map(itemPart).join("\n")}
${emptyPart(empty)}
${listPart("About the file", notes)}
${
    listPart(
      "Cells that failed",
      errors.map(({ cell, message }) => `\`${cell}\`: ${message.split("\n")[0]}`),
    )
  }
${
    pictures.length === 0
      ? ""
      : `<h2>Pictures</h2>\n${
        pictures.map(({ cell, url }) =>
          `<figure><img src="${url}" alt="drawn by the cell ${html(cell)}"><figcaption>${
            html(cell)
          }</figcaption></figure>`
        ).join("\n")
      }`
  }`;
}

function nameOf({ exercise, id }: ItemResult): string {
  return exercise || id;
}

/** Exercises that were not tried share one list, without a card each. */
function emptyPart(items: readonly ItemResult[]): string {
  if (items.length === 0) return "";
  const chips = items.map((item) =>
    `<li>${html(nameOf(item))} <span class="soft">${pointsText(item.most)}</span></li>`
  );
  return `<p class="soft">Nothing written yet:</p>\n<ul class="chips">${chips.join("")}</ul>`;
}

function itemPart(item: ItemResult): string {
  const { status, points, most, finding, mistake, isCopy, hint, text } = item;
  return `<section class="item ${status}"><header><h3><code>${
    html(nameOf(item))
  }</code> <span class="soft">${WORDS[status]}</span></h3><span class="points">${
    status === "manual"
      ? `up to ${pointsText(most)}`
      : `${pointsText(points)} of ${pointsText(most)}`
  }</span></header>
${finding === "" ? "" : `<p>${inline(capital(finding))}</p>`}
${mistake === "" ? "" : `<p><b>Likely mistake:</b> ${inline(mistake)}</p>`}
${isCopy ? "<p>The answer calls the library's own function.</p>" : ""}
${text === "" ? "" : `<pre>${html(text)}</pre>`}
${hint === "" ? "" : `<details><summary>Hint</summary>${paragraphs(hint)}</details>`}</section>`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function listPart(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return `<details><summary>${title} (${lines.length})</summary><ul>${
    lines.map((line) => `<li>${inline(line)}</li>`).join("")
  }</ul></details>`;
}
