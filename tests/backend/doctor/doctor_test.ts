import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  compile,
  diagnose,
  type Finding,
  handleCount,
  type StepProbe,
  type StepProbeOptions,
  useBackend,
} from "lib/backend/mod.ts";

const info = await useBackend();

Deno.test("diagnose() finds this machine healthy, and proves its sums", async () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const { findings, isHealthy, gflops } = await diagnose({ root, seconds: 0.05 });
  assertEquals(findings.filter(({ problem }) => problem !== undefined), []);
  assertEquals(isHealthy, true);
  assertGreater(gflops, 0);
  const details = Object.fromEntries(findings.map(({ subject, detail }) => [subject, detail]));
  assertEquals(Object.keys(details), [
    ...["Deno", "processor", "memory", "environment", "disk", "GPU driver", "TensorFlow"],
    ...["backend", "devices", "matrix products", "elementwise", "reductions"],
    ...["gather and scatter", "softmax and logarithms", "normalisation", "random numbers"],
    ...["casts", "gradients", "compiled", "float32 products", "speed"],
  ]);
  assertEquals(details["TensorFlow"], info.library);
  assertStringIncludes(details["backend"] ?? "", `${info.name} ${info.version} on ${info.device}`);
  assertStringIncludes(details["devices"] ?? "", "/device:CPU:0");
  assertMatch(
    details["matrix products"] ?? "",
    /^5 results within \de-\d of the golden values$/,
  );
  assertEquals(details["random numbers"], "3 results equal to the golden values");
  assertEquals(details["float32 products"], "keep all 24 bits");
  assertMatch(details["memory"] ?? "", /^[\d.]+ of [\d.]+ GB free, this process has [\d.]+ GB$/);
  assertMatch(details["speed"] ?? "", /^[\d.e+]+ GFLOP\/s in matrix products of float32$/);
});

Deno.test("diagnose() says what a folder without an environment lacks, with the cure", async () => {
  const root = await Deno.makeTempDir();
  try {
    const { findings, isHealthy } = await diagnose({ root, seconds: 0 });
    assertEquals(isHealthy, false);
    assertEquals(findings.filter(({ problem }) => problem !== undefined), [{
      subject: "environment",
      detail: `${root}/.venv is missing`,
      problem:
        "Cannot rely on .venv: expected a finished installation\nCure: start through ./denow",
    }]);
    await Deno.mkdir(`${root}/.venv`);
    const again = await diagnose({ root, seconds: 0 });
    const environment = again.findings.find(({ subject }) => subject === "environment");
    assertEquals(environment?.detail, `${root}/.venv is incomplete`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

type Step = (input: { x: tf.Tensor }) => Record<string, tf.Tensor>;

/** Diagnoses steps of one tensor, made for each mode, and gives what was found about each. */
async function findingsOf(
  ...makers: readonly ((options: StepProbeOptions) => Step)[]
): Promise<Finding[]> {
  const steps = makers.map((make): StepProbe => ({
    subject: "planted step",
    prepare: () => {
      const input = { x: tf.tensor1d([1, 2]) };
      return {
        input,
        compile: (options) => {
          const step = make(options);
          return () => step(input);
        },
      };
    },
  }));
  const heard: Finding[] = [];
  const { findings, isHealthy } = await diagnose({
    root: fileURLToPath(new URL("../../..", import.meta.url)),
    seconds: 0,
    steps,
    onFinding: (finding) => heard.push(finding),
  });
  assertEquals(heard, findings);
  const found = findings.slice(-steps.length);
  assert(found.every(({ subject }) => subject === "planted step"));
  assertEquals(isHealthy, found.every(({ problem }) => problem === undefined));
  return found;
}

async function findingOf(make: (options: StepProbeOptions) => Step): Promise<Finding> {
  const [finding] = await findingsOf(make);
  assert(finding !== undefined);
  return finding;
}

Deno.test("diagnose() tells of a step what was compiled, and names each captured constant", async () => {
  const before = [tf.memory().numTensors, handleCount()];
  const table = tf.ones([2, 3]), offset = tf.scalar(4, "int32");
  const step: Step = ({ x }) => ({
    scaled: x.mul(offset.cast("float32")),
    loss: x.dot(table).sum(),
  });
  const { detail, problem } = await findingOf((options) =>
    compile(step, { ...options, name: "sum" })
  );
  tf.dispose([table, offset]);
  assertEquals([tf.memory().numTensors, handleCount()], before);
  assertEquals(problem, undefined);
  const time = "\\d+\\.\\d+ s", constants = "int32 \\[\\], float32 \\[2,3\\]";
  const program =
    `- sum: \\d+ operations, recorded in ${time}; constants from outside: ${constants}`;
  assertMatch(
    detail,
    new RegExp(
      "^inputs: 1; op by op gives loss 9.0000\n" +
        `by xla: first run ${time}, then ${time}\n${program}\n` +
        `by graph: first run ${time}, then ${time}\n${program}\n` +
        `op by op: first run ${time}, then ${time}$`,
    ),
  );
});

Deno.test("diagnose() says so where nothing is captured, and what op by op is compiled even so", async () => {
  const { detail } = await findingOf((options) =>
    compile(({ x }) => ({ y: x.sum() }), { ...options, mode: "xla", name: "inner" })
  );
  const program = /^- inner.*$/gm, none = "recorded in _; constants from outside: none";
  assertEquals(
    detail.match(program)?.map((line) =>
      line.replace(/\d+ operations/, "_").replace(/\d.* s/, "_")
    ),
    [`- inner: _, ${none}`, `- inner: _ by xla, ${none}`, `- inner: _ by xla, ${none}`],
  );
});

Deno.test("diagnose() distrusts a step whose modes disagree, or give no number", async () => {
  const giving = (byMode: Record<string, number>) => ({ mode }: StepProbeOptions) => () => ({
    loss: tf.scalar(byMode[mode] ?? 2),
  });
  const cure = 'Cure: train op by op, with compile "off"';
  const found = await findingsOf(
    giving({ graph: 2.5 }),
    giving({ xla: NaN }),
    giving({ graph: 2.0001 }), // within 1e-4 of its size: the order of a sum
    giving({ xla: 2.0003 }),
  );
  assertEquals(found.map(({ problem }) => problem), [
    `Cannot trust this step: expected loss 2 as op by op, got 2.5 by graph\n${cure}`,
    `Cannot trust this step: expected loss 2 as op by op, got NaN by xla\n${cure}`,
    undefined,
    `Cannot trust this step: expected loss 2 as op by op, got ${
      Math.fround(2.0003)
    } by xla\n${cure}`,
  ]);
});

Deno.test("diagnose() reports what a step throws, and frees its input", async () => {
  const before = tf.memory().numTensors;
  const finding = await findingOf((options) =>
    compile(({ x }) => ({ y: x.mul(tf.scalar(x.dataSync()[0] ?? 0)) }), { ...options, name: "y" })
  );
  assertEquals(tf.memory().numTensors, before);
  assertEquals(finding.detail, "failed");
  assertMatch(finding.problem ?? "", /^Cannot record the step "y": expected no value to be read /);
});

Deno.test("scripts/doctor.ts compiles the training step, and finds no constant in its programs", async () => {
  const { code, text } = await runDoctor({});
  assertEquals(code, 0, text);
  assertMatch(text, /^ok {2}training step {11}inputs: \d+; op by op gives loss 6\.\d+, gradNorm /m);
  assertEquals(
    text.match(/^ {28}- \w+: \d+ operations|constants from outside: .*$/gm)?.map((line) =>
      line.trim().replace(/\d+/, "N")
    ),
    // By XLA, as a graph, and op by op the parts that are compiled even so.
    ["update", "update", "layerNorm", "gelu", "layerNormGradient", "geluGradient", "optimize"]
      .flatMap((name) => [`- ${name}: N operations`, "constants from outside: none"]),
  );
  assertMatch(
    text,
    /^ok {2}training {16}\d+ tokens\/s; the loss went from 7\.\d+ to \d\.\d+ nats in \d+ steps$/m,
  );
  assertMatch(
    text,
    /^ok {2}notebooks {15}about \d+ minutes to run all six .*\n {28}01_data \d+\.\d, /m,
  );
  assertStringIncludes(text, "All is well.");
});

async function runDoctor(env: Record<string, string>): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "scripts/doctor.ts"],
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    env,
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return { code, text: new TextDecoder().decode(stdout) };
}

Deno.test("scripts/doctor.ts exits 1 without TensorFlow, and names places and cure", async () => {
  const { code, text } = await runDoctor({ TF_DIR: fileURLToPath(new URL(".", import.meta.url)) });
  assertEquals(code, 1);
  assertMatch(text, /^!! {2}TensorFlow {14}failed\n {6}Cannot find TensorFlow: /m);
  assertStringIncludes(text, "TF_DIR=");
  assertStringIncludes(text, "Cure: install the project's packages");
  assertMatch(text, /^!! {2}backend {17}(wasm|webgpu) .*\n {6}TensorFlow's library is not used/m);
  assertMatch(text, /^ok {2}gradients /m);
  assertMatch(text, /^ok {2}training {16}\d+ tokens/m);
  assertMatch(text, /^ok {2}faster with {13}TensorFlow's library: start through \.\/denow$/m);
  assertMatch(text, /^ok {2}training step .*\n {28}op by op: first run .* s, then .* s$/m);
  assertStringIncludes(text, "Something is wrong: see the lines marked !! and their cures.");
});
