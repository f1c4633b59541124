import { createLexicon, type Lexicon } from "lib/data/mod.ts";

/** Twenty words a list, two a class: few enough sentences to try them all. */
export function smallLexicon(): Lexicon {
  const words = (name: string) => Array.from({ length: 20 }, (_, i) => `${name}${i}`);
  return createLexicon({
    adjectives: words("adj"),
    nouns: words("noun"),
    verbs: words("verb"),
    adverbs: words("adv"),
  });
}
