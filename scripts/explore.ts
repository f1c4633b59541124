/**
 * Writes a page to look into a trained model: who attends to whom, the likeliest next tokens, the
 * nearest embeddings.
 *
 *     ./denow task explore plain-001
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { ConfigError, explainFile, plain, quote, writeFileAtomically } from "lib/core/mod.ts";
import { exploreCorpus, explorerPage } from "lib/explore/mod.ts";
import { openSavedRun } from "lib/run/mod.ts";
import { type Corpus, createCorpus } from "lib/train/mod.ts";
import { print, readCommandLine, runMain } from "./_command_line.ts";

const HELP = `Writes a page to look into a trained model; it needs neither a network nor a kernel.

Usage: ./denow task explore [RUN] [flags]

  RUN             the run's name, such as plain-001 (default: the run that saved last)
  --text "WORDS"  a sentence of your own, to stand first
  --sentences N   validation sentences to choose from (default 12)
  --out FILE      where to write the page (default: runs/RUN/explorer.html)
  --help          this text`;

async function main(): Promise<void> {
  const { flags, words } = readCommandLine({
    help: "boolean",
    text: "string",
    sentences: "string",
    out: "string",
  });
  if (flags.help === true) return print(HELP);
  if (words.length > 1) {
    throw new ConfigError(
      `Cannot explore: expected one run, got ${
        plain(words.join(" "))
      }; put a sentence into --text "..."`,
    );
  }
  const count = readCount(flags.sentences);
  await useBackend({ onNotice: print });
  using run = openSavedRun(words[0]);
  run.warnings.forEach((warning) => print(warning));
  const { config, params, name, step } = run, corpus = createCorpus(config);
  const texts = typeof flags.text === "string" ? [flags.text] : [];
  texts.forEach((text) => checkWords(text, corpus));
  const exploration = exploreCorpus({ config: config.model, params }, corpus, {
    title: `${name}, weights of step ${step}`,
    validation: count,
    texts,
  });
  const path = typeof flags.out === "string" ? flags.out : `${run.folder}/explorer.html`;
  if (flags.out === undefined) {
    explainFile(`make ${run.folder}`, () => Deno.mkdirSync(run.folder, { recursive: true }));
  }
  writeFileAtomically(path, explorerPage(exploration));
  print(`Look at  ${path}, in any browser`);
}

/** A wrong word is refused like a wrong setting. */
function checkWords(text: string, { tokenizer }: Corpus): void {
  const unknown = text.trim().split(/\s+/).find((word) => tokenizer.idOf(word) === undefined);
  if (unknown === undefined) return;
  throw new ConfigError(
    `Cannot use --text: expected words of the run's language, got ${quote(unknown)}; ` +
      "./denow task data shows sentences",
  );
}

function readCount(text: string | boolean | undefined): number {
  if (text === undefined) return 12;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new ConfigError(
    `Cannot use --sentences: expected an integer from 1 to 1000, got ${quote(text)}`,
  );
}

await runMain(main);
