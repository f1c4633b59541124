import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createOracle } from "lib/data/mod.ts";
import { explore, exploreCorpus, explorerPage } from "lib/explore/mod.ts";
import { packAttention, unpackAttention } from "lib/explore/packed_attention.ts";
import { inspect, tokenVectors } from "lib/model/mod.ts";
import { cosineSimilarity } from "lib/analysis/mod.ts";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import { createRun } from "lib/train/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const run = createRun(tinyConfig({ model: { layers: 2 } }));
const { corpus } = run, { tokenizer, grammar } = corpus;
const model = { config: run.config.model, params: run.state.params };
const about = { title: "a model", tokenizer, grammar };

Deno.test("packed attention comes back to 1/255, and nothing lies behind the asking place", () => {
  const ids = [...tokenizer.encode(corpus.validationSentences[0]?.join(" ") ?? "")];
  const [seen] = inspect(model, [ids]);
  assert(seen);
  const size = { layers: 2, heads: 2, T: ids.length };
  const back = unpackAttention(packAttention(seen.attention), size);
  for (const [layer, heads] of seen.attention.entries()) {
    for (const [head, map] of heads.entries()) {
      for (const [asking, row] of map.entries()) {
        for (const [place, weight] of row.entries()) {
          const found = back[layer]?.[head]?.[asking]?.[place];
          assertAlmostEquals(found ?? NaN, weight, 0.5 / 255 + 1e-6);
        }
      }
    }
  }
});

Deno.test("explore() gives the model's and the oracle's probabilities of each place", () => {
  const words = corpus.validationSentences[0] ?? [], ids = tokenizer.encode(words.join(" "));
  const { sentences: [sentence], tokens } = explore(model, [{ ids }], { ...about, guesses: 5 });
  assert(sentence);
  assertEquals(sentence.ids, [...ids].slice(0, -1)); // nothing follows <eos>
  assertEquals(sentence.ids.map((id) => tokens[id]), ["<bos>", ...words]);
  const [seen] = inspect(model, [sentence.ids]), oracle = createOracle(grammar);
  for (const [place, next] of sentence.next.entries()) {
    const model = seen?.probabilities[place] ?? [],
      best = oracle.next(sentence.ids.slice(0, place + 1));
    const comes = ids[place + 1] ?? -1, listed = next.tokens.map(([id]) => id);
    assert(listed.includes(comes));
    assertEquals(listed.length, listed.indexOf(comes) < 5 ? 5 : 6);
    for (const [id, p, q] of next.tokens) {
      assertAlmostEquals(p, model[id] ?? NaN, 1e-4);
      assertAlmostEquals(q ?? NaN, best[id] ?? NaN, 1e-4);
      assert(tokens[id] !== undefined);
    }
    const total = next.tokens.reduce((sum, [, p]) => sum + p, next.rest[0]);
    assertAlmostEquals(total, 1, 1e-3);
  }
});

Deno.test("explore() gives the nearest embeddings", () => {
  const { neighbors } = explore(model, [{ ids: [1, 4] }], { ...about, neighbors: 3 });
  const vectors = tokenVectors(model.params), own = vectors[4] ?? [];
  const cosines = vectors.map((vector, id) => id === 4 ? -2 : cosineSimilarity(own, vector));
  const nearest = cosines.map((cosine, id) => ({ id, cosine }))
    .sort((a, b) => b.cosine - a.cosine).slice(0, 3);
  assertEquals(neighbors[4]?.map(([id]) => id), nearest.map(({ id }) => id));
});

Deno.test("explore() has no oracle where no sentence begins like that", () => {
  const ids = [1, 4, 4, 4]; // "The The The"
  const { sentences: [sentence] } = explore(model, [{ ids }], about);
  assertEquals(sentence?.next.map(({ impossible }) => impossible === null), [
    false,
    false,
    true,
    true,
  ]);
  assertEquals(sentence?.next[3]?.tokens[0]?.[2], null);
});

Deno.test("explore() refuses no sentence at all, and words that are unknown; nothing leaks", () => {
  assertThrows(() => explore(model, [], about), RangeError, "expected sentences, got none");
  const texts = ["The sesquipedalian"];
  assertThrows(
    () => exploreCorpus(model, corpus, { title: "x", texts }),
    RangeError,
    'expected words of the vocabulary, got "sesquipedalian"',
  );
  const before = handleCount();
  exploreCorpus(model, corpus, { title: "x", validation: 2, drawn: 2 });
  assertEquals(handleCount(), before);
});

Deno.test("explorerPage() keeps names that look like HTML out of its HTML, and is small", () => {
  const seen = exploreCorpus(model, corpus, { title: "</script><b>", validation: 12, drawn: 4 });
  const page = explorerPage(seen);
  assert(page.includes("<title>Explorer: &lt;/script&gt;&lt;b&gt;</title>"));
  assertEquals(page.match(/<\/script>/g)?.length, 2); // the data's end and the program's
  assert(page.length < 200_000, `${page.length} bytes`);
  assert(!/https?:(?!\/\/www\.w3\.org\/2000\/svg)/.test(page)); // it asks nothing of a network
});
