/**
 * Exported runs as users of PyTorch and transformers open them: the same ids, the same loss, the same
 * greedy sentences, and back. `task interop` makes the Python environment that this needs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { generate } from "lib/model/mod.ts";
import { beginRun, bestWeights, exportRun, importRun } from "lib/run/mod.ts";
import { evaluate, modelOf, runConfig, train } from "lib/train/mod.ts";
import { makeEnvironment, ROOT } from "../../bench/peer_environment.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const FOLDER = "build/interop-venv";
const PACKAGES = ["torch==2.13.0", "transformers==5.24.0", "safetensors==0.8.0", "numpy"];

/** Nats: both are float32, which sum in another order. */
const LOSS_TOLERANCE = 1e-5;

const PROMPTS = ["The", "The old", "The good"];

/** What `judge.py` prints. */
interface Judgement {
  readonly config: string;
  readonly model: string;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly loss: number;
  readonly greedy: readonly string[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly special: readonly number[];
}

await useBackend();
makeEnvironment(FOLDER, PACKAGES, console.log);

/** Opens `folder` in Python, and saves it again into another one. */
async function judge(folder: string, again: string, sentences: readonly string[]) {
  const child = new Deno.Command(`${ROOT}${FOLDER}/bin/python`, {
    args: [fileURLToPath(new URL("judge.py", import.meta.url)), folder, again],
    env: { HF_HUB_OFFLINE: "1" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ sentences, prompts: PROMPTS })));
  await writer.close();
  const { success, stdout } = await child.output();
  assertEquals(success, true);
  return JSON.parse(new TextDecoder().decode(stdout)) as Judgement; // judge.py is ours
}

/** Trains one epoch: enough for losses and sentences that mean something. */
async function trainOnce(root: string, level: "plain" | "variable") {
  const settings = {
    data: { level, examples: 3000 },
    train: { epochs: 1, warmup: 10, samples: 0 },
  };
  const placed = beginRun(runConfig(settings), { root, name: level });
  for await (const _ of train(placed.run)); // its events are nothing to this test
  return placed;
}

for (const level of ["plain", "variable"] as const) {
  Deno.test(`transformers opens an exported run on "${level}": ids, loss and greedy sentences agree`, async () => {
    const root = temporaryFolder(), { run } = await trainOnce(root, level);
    exportRun(level, `${root}/out`, { root });
    const { corpus } = run, { tokenizer } = corpus;
    const sentences = corpus.validationSentences.map((words) => words.join(" "));
    const seen = await judge(`${root}/out`, `${root}/again`, sentences);
    assertEquals([seen.config, seen.model, seen.missing, seen.unexpected], [
      ...["gpt2", "GPT2LMHeadModel", [], []],
    ]);
    assertEquals(seen.special, [tokenizer.padId, tokenizer.bosId, tokenizer.eosId]);
    assertEquals(seen.ids, sentences.map((text) => [...tokenizer.encode(text)]));

    using best = bestWeights(run);
    const ours = await evaluate({ ...modelOf(run), params: best.params }, corpus.validation);
    assertGreater(ours?.loss ?? 0, 1);
    assertAlmostEquals(seen.loss, ours?.loss ?? NaN, LOSS_TOLERANCE);
    const prompts = PROMPTS.map((text) => tokenizer.encode(text).slice(0, -1));
    const generated = prompts.map((prompt) =>
      generate({ config: run.config.model, params: best.params }, [prompt], {
        maxNewTokens: 40 - prompt.length,
        temperature: 0,
        eosId: tokenizer.eosId,
      })[0] ?? []
    );
    assertEquals(seen.greedy, generated.map((ids) => tokenizer.decode(ids)));

    // And back, from what transformers itself has written.
    const back = importRun(`${root}/again`, { root, name: "back" });
    const again = await evaluate(modelOf(back.run), corpus.validation);
    assertEquals(again?.loss, ours?.loss);
  });
}
