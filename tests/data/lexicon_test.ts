import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { splitIntoClasses, wordClass } from "lib/data/lexicon.ts";
import { createLexicon, loadLexicon } from "lib/data/mod.ts";
import { smallLexicon } from "./_lexicon.ts";

Deno.test("loadLexicon() reads 995 different words of three to eleven plain letters", () => {
  const { adjectives, nouns, verbs, adverbs } = loadLexicon();
  assertEquals([adjectives, nouns, verbs, adverbs].map((list) => list.length), [
    250,
    250,
    250,
    245,
  ]);
  const all = [adjectives, nouns, verbs, adverbs].flat();
  assertEquals(new Set(all).size, 995);
  for (const word of all) assertMatch(word, /^[a-z]{3,11}$/);
  for (const verb of verbs) assertMatch(verb, /s$/);
  for (const adverb of adverbs) assertMatch(adverb, /ly$/);
});

Deno.test("loadLexicon() keeps each class in alphabetical order, so that lists can be read", () => {
  const { adjectives, nouns, verbs, adverbs } = loadLexicon();
  const lists = [adjectives, adverbs, ...splitIntoClasses(nouns), ...splitIntoClasses(verbs)];
  for (const list of lists) assertEquals([...list].sort(), [...list]);
});

Deno.test("splitIntoClasses() cuts neighbours into ten even parts that are the whole list", () => {
  for (const length of [20, 23, 245, 250]) {
    const words = Array.from({ length }, (_, i) => `w${i}`), classes = splitIntoClasses(words);
    assertEquals(classes.flat(), words);
    const sizes = classes.map((part) => part.length);
    assertEquals(sizes.length, 10);
    assert(Math.max(...sizes) - Math.min(...sizes) <= 1);
  }
});

Deno.test("wordClass() puts animals with motion, and people with speech", () => {
  assertEquals(["dog", "runs", "teacher", "speaks"].map((word) => wordClass(word)), [0, 0, 1, 1]);
  assertEquals(["noun19", "verb18", "adv0"].map((word) => wordClass(word, smallLexicon())), [
    9,
    9,
    0,
  ]);
});

Deno.test("wordClass() refuses words without a class", () => {
  for (const word of ["old", "The", "xyz", ""]) {
    assertThrows(
      () => wordClass(word),
      RangeError,
      "Cannot tell the class of a word: expected a noun, a verb or an adverb of the lexicon, got " +
        JSON.stringify(word),
    );
  }
});

Deno.test("createLexicon() refuses short lists, and words that are twice, blank or special", () => {
  const good = smallLexicon();
  assertThrows(
    () => createLexicon({ ...good, verbs: good.verbs.slice(1) }),
    RangeError,
    "Cannot make a lexicon: expected at least 20 verbs, got 19",
  );
  for (const word of ["noun0", "adj0", "two words", "", "<pad>", "The", "that"]) {
    assertThrows(
      () => createLexicon({ ...good, adverbs: [...good.adverbs, word] }),
      RangeError,
      "Cannot make a lexicon: expected adverbs of one plain word each, no word twice, got " +
        JSON.stringify(word),
    );
  }
});

Deno.test("createLexicon() copies: a change of the lists afterwards changes nothing", () => {
  const nouns = smallLexicon().nouns.slice(), lexicon = createLexicon({ ...smallLexicon(), nouns });
  nouns[0] = "changed";
  assertEquals(lexicon.nouns[0], "noun0");
  assert(Object.isFrozen(lexicon.nouns));
});
