import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "lib/checkpoint/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { gpt2Config, gpt2Name, modelSettingsOf, ourName, paramShapes } from "lib/model/mod.ts";
import { beginRun, exportRun, importRun, type PlacedRun, reopenRun } from "lib/run/mod.ts";
import { evaluate, modelOf, toCheckpoint, train } from "lib/train/mod.ts";
import { collect, tinyConfig, type TinySettings } from "../support/tiny_runs.ts";
import { runTraining, TINY } from "../support/train_toy_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

await useBackend();

/** A tiny run that was trained, in a folder of its own. */
async function trainedRun(settings: TinySettings = {}) {
  const root = temporaryFolder(), placed = beginRun(tinyConfig(settings), { root, name: "tiny" });
  await collect(train(placed.run));
  return { root, placed };
}

/** A run exported, and its folder. */
async function exported(settings: TinySettings = {}) {
  const { root, placed } = await trainedRun(settings), folder = `${root}/out`;
  exportRun("tiny", folder, { root, checkpoint: "last" });
  return { root, folder, placed };
}

/** Changes a file of a folder that is JSON. */
function change(folder: string, name: string, changes: Record<string, unknown>): void {
  const path = `${folder}/${name}`, json = JSON.parse(Deno.readTextFileSync(path));
  Deno.writeTextFileSync(path, JSON.stringify({ ...json, ...changes }));
}

function weightsOf({ run }: PlacedRun): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(run.state.params).map(([name, tensor]) => [name, [...tensor.dataSync()]]),
  );
}

Deno.test("gpt2Name() and ourName() are each other's inverse, as are the two forms of the settings", () => {
  const { model } = tinyConfig({ model: { layers: 2 } });
  const names = Object.keys(paramShapes(model));
  assertEquals(names.map((name) => ourName(gpt2Name(name))), names);
  assertEquals(new Set(names.map(gpt2Name)).size, names.length);
  const { initialization: _, ...shape } = model;
  assertEquals(modelSettingsOf(gpt2Config(model)), shape);
});

Deno.test("importRun() gives the run that exportRun() wrote: same weights, settings, losses", async () => {
  for (const tiedHead of [true, false]) {
    // A head of its own, of no step: its bias is still zeros, as GPT-2's, which has none.
    const settings = tiedHead ? {} : { train: { lr: 1e-30 }, model: { tiedHead } };
    const { root, placed } = await trainedRun(settings);
    if (!tiedHead) {
      const bias = placed.run.state.params["head.bias"];
      assert(bias !== undefined);
      const { store, state, config } = placed.run;
      const params = { ...state.params, "head.bias": tf.zerosLike(bias) };
      placed.run.state = { ...state, params };
      store?.save(toCheckpoint(config, placed.run.state, placed.run.corpus.tokenizer));
    }
    exportRun("tiny", `${root}/out`, { root, checkpoint: "last" });
    const back = importRun(`${root}/out`, { root, name: "back" });
    assertEquals([back.notices, back.run.config], [[], placed.run.config]);
    assertEquals(weightsOf(back), weightsOf(placed));
    const losses = await Promise.all(
      [back, placed].map(async ({ run }) =>
        (await evaluate(modelOf(run), run.corpus.validation))?.loss
      ),
    );
    assertEquals(losses[0], losses[1]);
    assertEquals(reopenRun({ root, name: "back" }).run.state.step, 0); // it can be trained
  }
});

Deno.test("exportRun() writes what GPT-2's readers ask for", async () => {
  const { folder, placed } = await exported();
  const json = (name: string) => JSON.parse(Deno.readTextFileSync(`${folder}/${name}`));
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
    ...["config.json", "generation_config.json", "model.safetensors"],
    ...["tokenizer.json", "tokenizer_config.json"],
  ]);
  const { model_type, n_embd, n_inner, activation_function, tie_word_embeddings } = json(
    "config.json",
  );
  assertEquals([model_type, n_embd, n_inner, activation_function, tie_word_embeddings], [
    ...["gpt2", 16, 16, "gelu_new", true],
  ]);
  const { tensors, metadata } = decodeSafetensors(Deno.readFileSync(`${folder}/model.safetensors`));
  assertEquals(metadata.get("format"), "pt");
  assertEquals(tensors.get("transformer.h.0.attn.c_attn.weight")?.shape, [16, 48]);
  const theirs = new HuggingFaceTokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
  const { tokenizer, validationSentences } = placed.run.corpus;
  for (const words of validationSentences) {
    const text = words.join(" ");
    assertEquals(theirs.encode(text).ids, [...tokenizer.encode(text)]);
  }
});

Deno.test("exportRun() takes the best checkpoint, and the vocabulary from older ones' level", async () => {
  const { root, placed } = await trainedRun();
  const { step } = exportRun("tiny", `${root}/a`, { root });
  assertEquals(step, placed.run.state.earlyStop.bestStep);
  Deno.removeSync(`${root}/checkpoints/tiny/best/tokenizer.json`); // as before there was one
  exportRun("tiny", `${root}/b/`, { root });
  const read = (name: string) => Deno.readTextFileSync(`${root}/${name}/tokenizer.json`);
  assertEquals(read("a"), read("b"));
});

Deno.test("exportRun() refuses a folder with files, a run that is not there, a head with a bias", async () => {
  const { root, folder } = await exported();
  const refuses = (act: () => unknown, text: string) => assertThrows(act, Error, text);
  refuses(() => exportRun("tiny", folder, { root }), 'got "config.json" in it');
  refuses(() => exportRun("tiny", `${folder}/config.json`, { root }), "expected a new or an empty");
  refuses(() => exportRun("no", `${root}/x`, { root }), 'Cannot export run "no"');
  refuses(() => exportRun("../x", `${root}/x`, { root }), "Cannot use run name");
  const untied = await trainedRun({ model: { tiedHead: false } });
  const into = { root: untied.root };
  refuses(() => exportRun("tiny", `${untied.root}/x`, into), "expected a head without a bias");
});

Deno.test("importRun() cuts rows that no token has, passes over masks, and widens half precision", async () => {
  const { root, folder, placed } = await exported();
  const path = `${folder}/model.safetensors`;
  const tensors = new Map(decodeSafetensors(Deno.readFileSync(path)).tensors);
  const table = tensors.get("transformer.wte.weight");
  assert(table !== undefined);
  const row = table.data.length / 1000, data = new Uint8Array(1008 * row).fill(7);
  data.set(table.data);
  tensors.set("transformer.wte.weight", { ...table, shape: [1008, 16], data });
  tensors.set("lm_head.weight", { ...table, shape: [1008, 16], data }); // tied, and written again
  tensors.set("transformer.h.0.attn.bias", { dtype: "BOOL", shape: [1], data: new Uint8Array(1) });
  const norm: TensorData = {
    dtype: "BF16",
    shape: [16],
    data: new Uint8Array(Uint16Array.from({ length: 16 }, () => 0x3f80).buffer), // ones
  };
  tensors.set("transformer.ln_f.weight", norm);
  Deno.writeFileSync(path, encodeSafetensors(tensors));
  change(folder, "config.json", { vocab_size: 1008 });
  const back = importRun(folder, { root, name: "back" });
  assertEquals(back.notices, [
    "Left out the last 8 rows of the token embedding: no token has them",
  ]);
  assertEquals(weightsOf(back), {
    ...weightsOf(placed),
    "finalNorm.weight": Array.from({ length: 16 }, () => 1),
  });
});

Deno.test("importRun() refuses weights beyond float32, and makes no run of them", async () => {
  const { root, folder } = await exported();
  const path = `${folder}/model.safetensors`;
  const tensors = new Map(decodeSafetensors(Deno.readFileSync(path)).tensors);
  const data = new Uint8Array(new Float64Array(16).fill(1e300).buffer);
  tensors.set("transformer.ln_f.bias", { dtype: "F64", shape: [16], data });
  Deno.writeFileSync(path, encodeSafetensors(tensors));
  const { message } = assertThrows(() => importRun(folder, { root, name: "x" }), ConfigError);
  assertStringIncludes(message, "expected one within float32, got 1e+300");
  assertEquals([...Deno.readDirSync(`${root}/checkpoints`)].map(({ name }) => name), ["tiny"]);
});

Deno.test("importRun() makes a run of a foreign folder whose words are a level's", async () => {
  const { root, folder } = await exported({ data: { level: "agreement" } });
  change(folder, "config.json", { toy_transformer: undefined });
  const { run } = importRun(folder, { root, name: "back" });
  assertEquals([run.config.model.hiddenSize, run.config.model.vocabSize], [16, 1000]);
});

Deno.test("importRun() refuses other architectures and broken files, and says which field", async () => {
  const { root, folder } = await exported();
  const original = Deno.readTextFileSync(`${folder}/config.json`);
  const refused = (changes: Record<string, unknown>): string => {
    Deno.writeTextFileSync(`${folder}/config.json`, original);
    change(folder, "config.json", changes);
    return assertThrows(() => importRun(folder, { root, name: "x" }), Error).message;
  };
  const table: [Record<string, unknown>, string][] = [
    [{ model_type: "llama" }, 'expected "gpt2" as model_type in config.json'],
    [{ model_type: undefined }, "got none"],
    [{ activation_function: "relu" }, "activation_function: "],
    [{ layer_norm_epsilon: 1e-6 }, "layer_norm_epsilon: "],
    [{ add_cross_attention: true }, "expected no cross-attention, got true"],
    [{ scale_attn_by_inverse_layer_idx: true }, "expected no scaling by the layer's number"],
    [{ n_embd: 15 }, "heads"],
    [{ n_embd: 32 }, "expected transformer.wte.weight of [1000,32]"],
    [{ n_layer: 2 }, "expected transformer.h.1.ln_1.weight"],
    [{ n_layer: "many" }, "n_layer: "],
    [{ vocab_size: 10 }, "at least the 1000 tokens"],
  ];
  for (const [changes, text] of table) assertStringIncludes(refused(changes), text);
  for (const name of ["tokenizer.json", "model.safetensors"]) {
    const sound = Deno.readFileSync(`${folder}/${name}`);
    Deno.writeTextFileSync(`${folder}/${name}`, "{");
    assertStringIncludes(refused({}), `expected a ${name} that can be read`);
    Deno.writeFileSync(`${folder}/${name}`, sound);
  }
  Deno.removeSync(`${folder}/config.json`);
  const missing = assertThrows(() => importRun(folder, { root, name: "x" }), Error);
  assertStringIncludes(missing.message, "Cannot import");
  assertEquals([...Deno.readDirSync(`${root}/checkpoints`)].map(({ name }) => name), ["tiny"]);
});

Deno.test("task export and task import tell what they did, and end with 2 where they cannot", async () => {
  const folder = temporaryFolder();
  assertEquals((await runTraining(folder, `${TINY} --name tiny`)).code, 0);
  const run = (task: string, ...args: string[]) => {
    const script = fileURLToPath(new URL(`../../scripts/${task}.ts`, import.meta.url));
    const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, ...args],
      cwd: folder,
    }).outputSync();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  };
  const written = run("export", "tiny", "out");
  assertEquals([written.code, written.err], [0, ""]);
  assertStringIncludes(written.out, "Wrote the weights of step ");
  const made = run("import", "out", "--name", "again");
  assertEquals([made.code, made.err], [0, ""]);
  assertStringIncludes(made.out, "./denow task train --resume --name again");
  for (
    const [task, args, text] of [
      ["export", ["tiny"], "Cannot export: expected a run and a folder"],
      ["export", ["tiny", "out"], "expected a new or an empty folder"],
      ["export", ["tiny", "x", "--checkpoint", "first"], "expected --checkpoint best or last"],
      ["import", [], "Cannot import: expected one folder"],
      ["import", ["out", "--name", "again"], "expected a new name"],
    ] as const
  ) {
    const { code, err } = run(task, ...args);
    assertEquals(code, 2);
    assertStringIncludes(err, text);
    assertEquals(err.trim().split("\n").length, 1);
  }
  const resumed = await runTraining(folder, "--resume --name again");
  assertEquals(resumed.code, 0);
});
