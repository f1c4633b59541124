import { assert, assertEquals, assertThrows } from "@std/assert";
import { type CompileEvent, type CompileMode, handleCount, useBackend } from "lib/backend/mod.ts";
import { generate, type GenerateOptions, initializeParams, modelConfig } from "lib/model/mod.ts";
import { sgd } from "lib/optimizer/mod.ts";
import { mapParams } from "lib/tensor/mod.ts";
import { createGenerationPrograms, createPrograms } from "lib/train/mod.ts";
import { assertTensorsKept, normalTensor } from "../support/tensors.ts";

await useBackend();

const config = modelConfig({
  vocabSize: 31,
  hiddenSize: 16,
  heads: 2,
  layers: 2,
  feedForwardSize: 24,
  maxLength: 40,
});

/** Large weights: the likeliest token is far ahead of the second, so that rounding decides nothing. */
const params = mapParams(
  initializeParams(config, 1),
  (tensor, name) => tensor.add(normalTensor(tensor.shape, name.length, 0.6)),
);
const model = { config, params };

const GREEDY: GenerateOptions = { maxNewTokens: 9, temperature: 0 };
const DRAWN: GenerateOptions = { maxNewTokens: 9, temperature: 1.1, topK: 20, topP: 0.97, seed: 3 };

/** Prompts of `length` tokens, no two alike in their first ids. */
const promptsOf = (count: number, length: number) =>
  Array.from(
    { length: count },
    (_, row) => Array.from({ length }, (_, place) => (7 * row + 3 * place * (row + 1)) % 31),
  );

const PROMPTS = [...promptsOf(5, 2), ...promptsOf(3, 1), ...promptsOf(4, 6), [1], [1], [3, 5]];

/** Programs that count how many there are. */
function countedPrograms(mode: CompileMode) {
  const names: string[] = [];
  const onCompile = ({ name }: { name: string }) => names.push(name);
  return { programs: createGenerationPrograms(config, { mode, onCompile }), names };
}

for (const mode of ["xla", "graph"] as const) {
  Deno.test(`createGenerationPrograms() makes the sentences that op by op makes: ${mode}`, () => {
    const { programs } = countedPrograms(mode);
    for (const options of [GREEDY, DRAWN, { ...GREEDY, eosId: 7 }, { ...DRAWN, eosId: 7 }]) {
      const sentences = generate(model, PROMPTS, options);
      assertEquals(generate(model, PROMPTS, { ...options, programs }), sentences);
    }
    const greedy = generate(model, PROMPTS, GREEDY).map((ids) => ids.slice(-9).join());
    assert(new Set(greedy).size > 5, "the sentences differ, or equality would mean little");
  });

  Deno.test(`createGenerationPrograms() makes two programs for a usual call, one for lone tokens: ${mode}`, () => {
    const { programs, names } = countedPrograms(mode);
    generate(model, promptsOf(30, 3), { ...GREEDY, programs });
    assertEquals(names, ["prefill", "decode"]);
    generate(model, promptsOf(29, 3), { ...DRAWN, programs }); // filled up to the same 32 rows
    generate(model, promptsOf(32, 3), { ...DRAWN, maxNewTokens: 10, programs }); // to 12 slots
    assertEquals(names, ["prefill", "decode"]);
    const alone = countedPrograms(mode);
    generate(model, promptsOf(30, 1), { ...GREEDY, programs: alone.programs });
    assertEquals(alone.names, ["decode"]);
  });
}

Deno.test("generate() with programs: rows that stand empty change nothing", () => {
  const { programs } = countedPrograms("graph");
  const sentences = generate(model, promptsOf(16, 2), { ...GREEDY, programs });
  for (const count of [1, 9, 13, 15]) {
    const fewer = generate(model, promptsOf(count, 2), { ...GREEDY, programs });
    assertEquals(fewer, sentences.slice(0, count));
  }
});

Deno.test("generate() with programs makes the same sentences without a cache", () => {
  const { programs } = countedPrograms("graph");
  for (const options of [GREEDY, DRAWN]) {
    assertEquals(
      generate(model, PROMPTS, { ...options, programs, useCache: false }),
      generate(model, PROMPTS, options),
    );
  }
});

Deno.test("generate() with programs fills the model to its last place, in few shapes", () => {
  const { programs, names } = countedPrograms("graph");
  const options = { maxNewTokens: 38, temperature: 0 };
  const prompts = promptsOf(3, 3);
  const sentences = generate(model, prompts, { ...options, programs });
  assertEquals(sentences.map(({ length }) => length), [41, 41, 41]);
  assertEquals(sentences, generate(model, prompts, options));
  assertEquals(names, ["prefill", "decode"]);
});

for (const mode of ["xla", "graph"] as const) {
  Deno.test(`generate() with programs leaves no tensor behind, after an error neither: ${mode}`, () => {
    const { programs } = countedPrograms(mode);
    const broken = { config, params: mapParams(params, (tensor) => tensor.mul(NaN)) };
    generate(model, PROMPTS, { ...DRAWN, programs });
    const handles = handleCount();
    assertTensorsKept(0, () => generate(model, PROMPTS, { ...DRAWN, programs }));
    assertTensorsKept(0, () => generate(model, PROMPTS, { ...DRAWN, eosId: 7, programs }));
    for (const options of [GREEDY, DRAWN]) {
      assertTensorsKept(0, () => {
        const fails = () => generate(broken, PROMPTS, { ...options, programs });
        assertThrows(fails, TypeError, "Cannot choose a token: expected numbers, got NaN for id 0");
      });
    }
    for (const failsAt of [1, 2, 3]) {
      let calls = 0;
      const decode: typeof programs.decode = (input) => {
        if (++calls === failsAt) throw new Error("the device is gone");
        return programs.decode(input);
      };
      assertTensorsKept(0, () => {
        const fails = () =>
          generate(model, PROMPTS, { ...DRAWN, programs: { ...programs, decode } });
        assertThrows(fails, Error, "the device is gone");
      });
    }
    mapParams(broken.params, (tensor) => (tensor.dispose(), tensor));
    assertEquals(handleCount(), handles - Object.keys(params).length);
  });
}

Deno.test("createPrograms() has graphs for samples, whatever the update is made by, and none op by op", () => {
  const settings = { model: config, transform: sgd(0.1), labelSmoothing: 0, maxNorm: 1 };
  for (const mode of ["xla", "graph"] as const) {
    const made: string[] = [];
    const onCompile = (event: CompileEvent) => made.push(`${event.name} ${event.mode}`);
    const { generation } = createPrograms(settings, { mode, precision: "float32", onCompile });
    assert(generation);
    generate(model, [[1, 4]], { ...GREEDY, programs: generation });
    assertEquals(made, ["prefill graph", "decode graph"]);
  }
  const { generation } = createPrograms(settings, { mode: "off", precision: "float32" });
  assertEquals(generation, undefined);
});
