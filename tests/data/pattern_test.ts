import { assertEquals } from "@std/assert";
import { describePattern, levelPattern, LEVELS, loadLexicon } from "lib/data/mod.ts";

Deno.test("levelPattern() has the slots that the course names", () => {
  const patterns = LEVELS.map((level) => describePattern(levelPattern(level, loadLexicon())));
  assertEquals(patterns, [
    "The ADJ NOUN VERB ADV",
    "The ADJ NOUN VERB ADV",
    "The [ADJ [ADJ]] NOUN [that VERB [that VERB [that VERB [that VERB]]]] VERB [ADV]",
    "The ADJ NOUN VERB ADV The ADJ NOUN VERB ADV",
  ]);
});
