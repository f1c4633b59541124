import { fileURLToPath } from "node:url";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deriveSeed } from "lib/core/mod.ts";
import { createGrammar, generateCorpus } from "lib/data/mod.ts";
import { loadTokenizer } from "lib/tokenizer/mod.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/data.ts", import.meta.url));

function runData(...args: string[]) {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", SCRIPT, ...args],
    env: { NO_COLOR: "1" },
  }).outputSync();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("data.ts writes the sentences of a training run, and the same bytes again", () => {
  const folder = Deno.makeTempDirSync();
  const args = ["--level", "variable", "--seed", "3", "--count", "500"];
  const first = runData(...args, "--out", `${folder}/a`);
  const second = runData(...args, "--out", `${folder}/b`);
  assertEquals([first.code, second.code], [0, 0]);
  for (const name of ["train.txt", "validation.txt", "tokenizer.json"]) {
    assertEquals(
      Deno.readFileSync(`${folder}/a/${name}`),
      Deno.readFileSync(`${folder}/b/${name}`),
    );
  }
  const lines = ["train", "validation"].flatMap((name) =>
    Deno.readTextFileSync(`${folder}/a/${name}.txt`).trimEnd().split("\n")
  );
  const seed = deriveSeed(3, "corpus");
  const corpus = generateCorpus(createGrammar("variable"), { count: 500, seed });
  assertEquals(lines.sort(), corpus.map((words) => words.join(" ")).sort());
  assertEquals(loadTokenizer(`${folder}/a/tokenizer.json`).size, 1000);
});

Deno.test("data.ts describes pattern, counts, vocabulary, losses, samples and files", () => {
  const out = `${Deno.makeTempDirSync()}/plain`;
  const { stdout } = runData("--count", "200", "--out", out);
  for (
    const line of [
      "plain: The ADJ NOUN VERB ADV; floor 3.678 nats per target (perplexity 39.6)",
      "Sentences   180 to train, 20 to validate, none in both",
      "Vocabulary  1000 tokens, the first <pad> <bos> <eos> <unk> The",
      "Losses      uniform 6.908, unigram 5.469, floor 3.678 nats per target",
      `   7 ${"#".repeat(40)} 200`,
      `Written to ${out}`,
    ]
  ) assertStringIncludes(stdout, line);
  assertEquals(stdout.match(/^ {2}The \w+ \w+s \w+ly$/gm), null); // a sentence has five words
  assertEquals(stdout.match(/^ {2}The \w+ \w+ \w+s \w+ly$/gm)?.length, 5);
  assertMatch(stdout, /[0-9a-f]{64} {2}train\.txt/);
});

Deno.test("data.ts --help lists the flags, and writes nothing", () => {
  const { code, stdout } = runData("--help");
  assertEquals(code, 0);
  for (const flag of ["--level plain|agreement|variable|copy", "--seed", "--count", "--out"]) {
    assertStringIncludes(stdout, flag);
  }
});

Deno.test("data.ts refuses what it does not understand, in one line, with exit code 2", () => {
  const mistakes = [
    [["--levl", "plain"], "did you mean --level?"],
    [["--count", "5e9"], "count: expected number to be <=10000000, got 5000000000"],
    [
      ["--level", "hard"],
      'level: expected one of "plain"|"agreement"|"variable"|"copy", got "hard"',
    ],
    [["--count", "1"], "count: expected number to be >=2, got 1"],
    [
      ["--count", "30", "--validation-share", "0.001"],
      "expected a sentence on both sides, got 0 of 30",
    ],
  ] as const;
  for (const [args, text] of mistakes) {
    const { code, stdout, stderr } = runData(...args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, text);
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  }
});

Deno.test("data.ts says which folder it cannot make, and that nobody reads, without a trace", async () => {
  const file = Deno.makeTempFileSync(), { code, stderr } = runData("--count", "10", "--out", file);
  assertEquals([code, stderr], [1, `Cannot make ${file}: File exists\n`]);
  const { code: unread, stderr: told } = await new Deno.Command("sh", {
    args: [
      "-c",
      '"$0" run -A "$1" --count 10 --out "$2" >/dev/full',
      Deno.execPath(),
      SCRIPT,
      `${file}.d`,
    ],
  }).output();
  assertEquals(unread, 1);
  assertStringIncludes(
    new TextDecoder().decode(told),
    "Cannot write to the standard output: No space left on device",
  );
});
