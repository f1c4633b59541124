import { assertEquals } from "@std/assert";
import { loadLexicon } from "lib/data/mod.ts";
import { STOP_WORDS } from "../../scripts/stop_words.ts";

Deno.test("STOP_WORDS are in no word list, and sorted without doubles", () => {
  const { adjectives, nouns, adverbs, verbs } = loadLexicon();
  const bases = verbs.flatMap((verb) => [verb.replace(/s$/, ""), verb.replace(/es$/, "")]);
  const lists = { noun: nouns, verb: bases, adj: adjectives, adv: adverbs };
  for (const part of ["noun", "verb", "adj", "adv"] as const) {
    const stopped = STOP_WORDS[part].trim().split(/\s+/);
    assertEquals([...new Set(stopped)].sort(), stopped);
    assertEquals(stopped.filter((word) => lists[part].includes(word)), []);
  }
});
