import { assert, assertEquals } from "@std/assert";
import { splitIntoClasses } from "lib/data/lexicon.ts";
import { describePattern, levelPattern, LEVELS, loadLexicon } from "lib/data/mod.ts";
import { isSlot } from "lib/data/pattern.ts";

Deno.test("levelPattern() gives level `variable` ten words of each class, from all over its list", () => {
  const lexicon = loadLexicon(), pattern = levelPattern("variable", lexicon);
  const wordsOf = (name: string) =>
    pattern.flatMap((part) => isSlot(part) ? [part] : part.parts.filter(isSlot))
      .find((slot) => slot.name === name)?.words ?? [];
  for (const [name, list] of [["noun", lexicon.nouns], ["verb", lexicon.verbs]] as const) {
    assertEquals(wordsOf(name).length, 100);
    for (const words of splitIntoClasses(list)) {
      const few = words.filter((word) => wordsOf(name).includes(word));
      assertEquals([few.length, few[0]], [10, words[0]]);
      assert(words.indexOf(few.at(-1) ?? "") >= 22, "the end of the list too");
    }
  }
  assertEquals(wordsOf("adverb").length, 100);
  assertEquals(wordsOf("adjective").length, 250);
});

Deno.test("levelPattern() has the slots that the course names", () => {
  const patterns = LEVELS.map((level) => describePattern(levelPattern(level, loadLexicon())));
  assertEquals(patterns, [
    "The ADJ NOUN VERB ADV",
    "The ADJ NOUN VERB ADV",
    "The ADJ [ADJ] NOUN [that VERB [that VERB [that VERB [that VERB]]]] VERB [ADV]",
    "The ADJ NOUN VERB ADV The ADJ NOUN VERB ADV",
  ]);
});
