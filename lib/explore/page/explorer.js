/**
 * The explorer's page at work: choose a sentence, a token, a head. It runs in a browser, from one file,
 * without a network; `page/browser.json` has the settings by which its types are checked.
 */

/** @type {import("../exploration.ts").Exploration} */
const data = JSON.parse(find("exploration").textContent ?? "");
const state = { sentence: 0, place: 0, layer: 0, head: 0 };

/** @param {string} id */
function find(id) {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`Cannot show the explorer: expected #${id}, got none`);
  return found;
}

/**
 * Makes an element; texts are put in as texts, never as HTML.
 *
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Element | string)} children
 * @returns {HTMLElement | SVGElement}
 */
function element(name, attributes = {}, ...children) {
  const made = name === "svg" || name === "rect"
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** @returns {import("../exploration.ts").ExploredSentence} */
function sentence() {
  const chosen = data.sentences[state.sentence];
  if (chosen === undefined) {
    throw new RangeError("Cannot show the explorer: expected a sentence, got none");
  }
  return chosen;
}

/** @param {number} id */
function word(id) {
  return data.tokens[id] ?? `#${id}`;
}

function words() {
  return sentence().ids.map(word);
}

/** @param {number} share */
function percent(share) {
  const value = 100 * share;
  return `${value >= 9.95 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
}

/** @type {Map<import("../exploration.ts").ExploredSentence, Uint8Array>} */
const unpacked = new Map();

function weights() {
  const chosen = sentence();
  let bytes = unpacked.get(chosen);
  if (bytes === undefined) {
    bytes = Uint8Array.from(atob(chosen.attention), (letter) => letter.charCodeAt(0));
    unpacked.set(chosen, bytes);
  }
  return bytes;
}

/**
 * How much a head looks from one place at those up to it, each from 0 to 1.
 *
 * @param {{ layer: number, head: number }} head
 * @param {number} asking
 * @returns {number[]}
 */
function attention({ layer, head }, asking) {
  const T = sentence().ids.length, half = T * (T + 1) / 2;
  const start = (layer * data.heads + head) * half + asking * (asking + 1) / 2;
  return Array.from(weights().subarray(start, start + asking + 1), (byte) => byte / 255);
}

/** @param {readonly number[]} row */
function strongest(row) {
  const most = row.reduce((a, b) => Math.max(a, b), 0), place = row.indexOf(most);
  return { place, share: most, word: words()[place] ?? "" };
}

/**
 * One head's map: a row for each asking place; the row of the chosen place is framed.
 *
 * @param {{ layer: number, head: number }} head
 */
function map(head) {
  const T = sentence().ids.length;
  const picture = element("svg", { viewBox: `-0.1 -0.1 ${T + 0.2} ${T + 0.2}`, class: "map" });
  picture.setAttribute("aria-hidden", "true"); // the words below it say the same
  for (let asking = 0; asking < T; asking++) {
    attention(head, asking).forEach((share, place) => {
      picture.append(element("rect", { x: place, y: asking, width: 1, height: 1, class: "room" }));
      const cell = element("rect", { x: place, y: asking, width: 1, height: 1, class: "cell" });
      cell.setAttribute("fill-opacity", share.toFixed(3));
      picture.append(cell);
    });
  }
  const { place } = state;
  picture.append(element("rect", { x: 0, y: place, width: place + 1, height: 1, class: "asking" }));
  return picture;
}

function drawTokens() {
  const row = attention(state, state.place);
  find("tokens").replaceChildren(
    ...words().map((text, place) => {
      const isChosen = place === state.place, share = row[place];
      const note = share === undefined ? "later" : percent(share);
      const button = element(
        "button",
        {
          type: "button",
          class: "token",
          "aria-pressed": String(isChosen),
          tabindex: isChosen ? 0 : -1,
          style: `--share: ${share ?? 0}`,
        },
        element("span", { class: "word" }, text),
        element("span", { class: "note" }, note),
      );
      button.addEventListener("mouseenter", () => choosePlace(place));
      button.addEventListener("focus", () => choosePlace(place));
      button.addEventListener("click", () => choosePlace(place));
      return button;
    }),
  );
}

function drawSummary() {
  const { layer, head, place } = state, row = attention(state, place);
  const best = row.map((share, at) => ({ share, text: words()[at] ?? "" }))
    .sort((a, b) => b.share - a.share).slice(0, 3);
  const looks = best.map(({ share, text }) => `${text} ${percent(share)}`).join(", ");
  find("summary").textContent = `In layer ${layer}, head ${head}, “${
    words()[place]
  }” looks at ${looks}.`;
}

function drawHeads() {
  const panels = [];
  for (let layer = 0; layer < data.layers; layer++) {
    for (let head = 0; head < data.heads; head++) panels.push(headPanel({ layer, head }));
  }
  const grid = find("heads");
  grid.style.setProperty("--heads", String(data.heads));
  grid.replaceChildren(...panels);
}

/** @param {{ layer: number, head: number }} at */
function headPanel(at) {
  const isChosen = at.layer === state.layer && at.head === state.head;
  const { word: text, share } = strongest(attention(at, state.place));
  const panel = element(
    "button",
    { type: "button", class: "head", "aria-pressed": String(isChosen) },
    element("span", { class: "name" }, `layer ${at.layer}, head ${at.head}`),
    map(at),
    element("span", { class: "note" }, `${text} ${percent(share)}`),
  );
  panel.addEventListener("click", () => {
    Object.assign(state, at);
    draw();
    /** @type {HTMLElement | undefined} */ (
      find("heads").children[at.layer * data.heads + at.head]
    )?.focus();
  });
  return panel;
}

function drawTable() {
  const head = element(
    "tr",
    {},
    element("td"),
    ...words().map((text) => element("th", { scope: "col" }, text)),
  );
  const rows = words().map((text, asking) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, text),
      ...attention(state, asking).map((share) =>
        element("td", { class: "number" }, percent(share))
      ),
    )
  );
  find("table-name").textContent =
    `Layer ${state.layer}, head ${state.head} as a table: each row asks, each column is looked at`;
  find("table").replaceChildren(head, ...rows);
}

/**
 * @param {string} whose
 * @param {number | null} share
 */
function bar(whose, share) {
  const cell = element("td", { class: "number" }, share === null ? "–" : percent(share));
  const filled = element("span", { class: `bar ${whose}` });
  filled.style.width = `${100 * (share ?? 0)}%`;
  return [cell, element("td", { class: "bars" }, filled)];
}

function drawNext() {
  const guess = sentence().next[state.place];
  if (guess === undefined) return;
  const lines = /** @type {[string, number, number | null][]} */ ([
    ...guess.tokens.map(([id, model, oracle]) => [word(id), model, oracle]),
    ["all others", ...guess.rest],
  ]);
  const comes = words()[state.place + 1] ?? "<eos>";
  find("next-name").textContent = `After “${words()[state.place]}”`;
  find("next").replaceChildren(...lines.map(([text, model, oracle]) =>
    element(
      "tr",
      text === comes ? { class: "comes" } : {},
      element("th", { scope: "row" }, text === comes ? `${text} (comes next)` : text),
      ...bar("model", model),
      ...bar("oracle", oracle),
    )
  ));
  find("impossible").textContent = guess.impossible === null
    ? "No sentence of the language begins like this, so the oracle has no answer."
    : `The model gives ${percent(guess.impossible)} to words that the grammar rules out here.`;
}

function drawNear() {
  const id = sentence().ids[state.place] ?? -1, near = data.neighbors[id] ?? [];
  find("near-name").textContent = `Embeddings nearest to “${word(id)}”`;
  find("near").replaceChildren(...near.map(([other, cosine]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, word(other)),
      element("td", { class: "number" }, cosine.toFixed(2)),
    )
  ));
}

function draw() {
  drawTokens();
  drawSummary();
  drawHeads();
  drawTable();
  drawNext();
  drawNear();
}

/** @param {number} place */
function choosePlace(place) {
  if (place === state.place) return;
  const row = find("tokens"), hasFocus = row.contains(document.activeElement);
  state.place = place;
  draw();
  if (hasFocus) /** @type {HTMLElement | undefined} */ (row.children[place])?.focus();
}

function listen() {
  const choice = /** @type {HTMLSelectElement} */ (find("sentence"));
  choice.append(
    ...data.sentences.map(({ source, ids }, index) =>
      element("option", { value: index }, `${source}: ${ids.slice(1).map(word).join(" ")}`)
    ),
  );
  choice.addEventListener("change", () => {
    state.sentence = Number(choice.value);
    state.place = sentence().ids.length - 1;
    draw();
  });
  find("tokens").addEventListener("keydown", (event) => {
    const last = sentence().ids.length - 1, { place } = state;
    const places = /** @type {Record<string, number>} */ ({
      ArrowRight: Math.min(place + 1, last),
      ArrowLeft: Math.max(place - 1, 0),
      Home: 0,
      End: last,
    });
    const next = places[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choosePlace(next);
  });
}

state.place = sentence().ids.length - 1;
listen();
draw();
