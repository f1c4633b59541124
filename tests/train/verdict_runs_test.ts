import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { Random } from "lib/core/mod.ts";
import {
  createRun,
  type EndEvent,
  evaluate,
  type FitEvidence,
  judgeFit,
  type LossesInput,
  modelOf,
  train,
  type Verdict,
} from "lib/train/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();
const run = createRun(tinyConfig({ data: { examples: 1000 } }));

/** The oracle's loss of each target of a plain sentence: The, adjective, noun, verb, adverb, <eos>. */
const ORACLE = [0, Math.log(250), Math.log(250), Math.log(250), Math.log(245), 0];

/** How far losses of single targets scatter around the gap: as in a trained model of `plain`. */
const SCATTER = 0.3;

/** A run of which one knows what is the matter with it. */
interface KnownRun {
  readonly name: string;
  readonly kind: Verdict["kind"];
  /** The true gaps, in nats. */
  readonly train: number;
  readonly validation: number;
  /** Gaps of the validations before the last one. */
  readonly before?: readonly number[];
  readonly ending?: EndEvent["reason"];
  /** What the sentence must say. */
  readonly says?: string;
  /** How far losses scatter, where it is not as usual. */
  readonly scatter?: number;
}

const FALL = [3.2, 1.5, 0.7, 0.35, 0.2];

const KNOWN: readonly KnownRun[] = [
  {
    name: "converged",
    kind: "good fit",
    train: 0.02,
    validation: 0.025,
    before: [...FALL, 0.05, 0.03],
  },
  { name: "a little by heart", kind: "good fit", train: -0.03, validation: 0.04, before: FALL },
  {
    name: "stopped early where it was best",
    kind: "good fit",
    train: 0.05,
    validation: 0.08,
    before: [...FALL, 0.08, 0.08],
    ending: "early stop",
  },
  { name: "hardly measured", kind: "good fit", train: 0, validation: 0.15, scatter: 4 },
  {
    name: "interrupted",
    kind: "underfitting",
    train: 2.1,
    validation: 2.1,
    before: [3.2, 2.8, 2.4],
    ending: "interrupted",
    says: "stopped before its end",
  },
  {
    name: "too low a rate",
    kind: "underfitting",
    train: 1.2,
    validation: 1.2,
    before: [3.2, 2.8, 2.4, 2.1, 1.8, 1.6, 1.4],
    says: "still falling",
  },
  {
    name: "too small a model",
    kind: "underfitting",
    train: 0.8,
    validation: 0.82,
    before: [3, 1.8, 1.1, 0.9, 0.83, 0.82, 0.82, 0.82],
    says: "no longer fell",
  },
  {
    name: "diverging",
    kind: "underfitting",
    train: 2.9,
    validation: 2.9,
    before: [3.2, 2, 1.1, 1.4, 1.9, 2.4],
    says: "was rising",
  },
  {
    name: "nearly there",
    kind: "underfitting",
    train: 0.16,
    validation: 0.17,
    before: FALL,
    says: "still falling",
  },
  {
    name: "few sentences, all by heart",
    kind: "overfitting",
    train: -2.5,
    validation: 3.4,
    before: [3.2, 2.6, 2.3, 2.4, 2.7, 3.1],
    says: "best on new ones at step 150",
  },
  {
    name: "begins to overfit",
    kind: "overfitting",
    train: -0.15,
    validation: 0.25,
    before: [3, 1, 0.4, 0.2, 0.18, 0.2],
    says: "best on new ones at step 250",
  },
  {
    name: "overfits, stopped by patience",
    kind: "overfitting",
    train: -0.2,
    validation: 0.31,
    before: [...FALL, 0.25, 0.3],
    ending: "early stop",
  },
  {
    name: "both, by heart the more",
    kind: "overfitting",
    train: 0.2,
    validation: 0.9,
    before: [3, 1.2, 0.9],
  },
  {
    name: "both, not learned the more",
    kind: "underfitting",
    train: 2,
    validation: 2.4,
    before: [3, 2.8, 2.6],
  },
  { name: "labels not shifted", kind: "leak", train: -3.5, validation: -3.5, before: [2, -2, -3] },
  { name: "one target in ten seen", kind: "leak", train: -0.35, validation: -0.35, before: FALL },
  { name: "split after duplication", kind: "leak", train: -0.9, validation: -0.7, before: FALL },
];

/** A model whose losses lie above the oracle's by the gap, and scatter. */
function modelWithGap(gap: number, { seed, scatter }: { seed: number; scatter: number }) {
  const random = new Random(seed);
  const losses = ({ batch }: LossesInput) => {
    const [, T = 1] = batch.ids.shape;
    return tf.tensor1d(
      [...batch.labels.dataSync()].map((label, i) =>
        label < 0 ? 0 : (ORACLE[i % T] ?? NaN) + gap + scatter * random.normal()
      ),
    );
  };
  return { ...modelOf(run), programs: { losses } };
}

async function evidenceOf(known: KnownRun, seed: number): Promise<FitEvidence> {
  const { scatter = SCATTER, before = [], ending = "finished" } = known;
  const { corpus } = run;
  const trained = await evaluate(modelWithGap(known.train, { seed, scatter }), corpus.trainSample);
  const validated = await evaluate(
    modelWithGap(known.validation, { seed: seed + 1, scatter }),
    corpus.validation,
  );
  assert(trained && validated);
  const losses = [...before.map((gap) => validated.oracleLoss + gap), validated.loss];
  return {
    train: trained,
    validation: validated,
    bestLoss: Math.min(...losses),
    validations: losses.map((loss, i) => ({ step: 50 * (i + 1), loss })),
    ending,
  };
}

for (const known of KNOWN) {
  Deno.test(`judgeFit() judges a constructed run right: ${known.name}`, async () => {
    for (let seed = 0; seed < 20; seed += 2) {
      const { kind, title } = judgeFit(await evidenceOf(known, seed));
      assertEquals(kind, known.kind, `seed ${seed}: ${title}`);
      assertStringIncludes(title, known.says ?? "");
      assertEquals(title.match(/\.(?: |$)/g)?.length, kind === "leak" ? 2 : 1); // a sentence; a cure
    }
  });
}

Deno.test("judgeFit() hands out the numbers that it rests on", async () => {
  const known = KNOWN.find(({ name }) => name === "begins to overfit");
  assert(known);
  const given = await evidenceOf(known, 3), { evidence, reasons } = judgeFit(given);
  assertEquals(evidence.byHeart, given.validation.gap - given.train.gap);
  assertEquals(evidence.validation.oracleLoss, given.validation.oracleLoss);
  assertEquals([evidence.ending, evidence.trend?.bestStep], ["finished", 250]);
  assert(evidence.byHeartError > evidence.train.gapStandardError);
  assertEquals(JSON.parse(JSON.stringify(evidence)), evidence);
  const text = reasons.join("\n");
  assertStringIncludes(text, "Validation loss over the last 3 validations: ");
  assertStringIncludes(text, "The run ended: all steps were made.");
});

/** Trains a run, and judges what it leaves. */
async function trainAndJudge(settings: Parameters<typeof tinyConfig>[0]): Promise<Verdict> {
  const own = createRun(tinyConfig(settings)), validations: { step: number; loss: number }[] = [];
  let ending: EndEvent["reason"] = "finished";
  for await (const event of train(own)) {
    if (event.kind === "evaluation") validations.push(event);
    if (event.kind === "end") ending = event.reason;
  }
  const trained = await evaluate(modelOf(own), own.corpus.trainSample);
  const validation = await evaluate(modelOf(own), own.corpus.validation);
  assert(trained && validation);
  const bestLoss = Math.min(...validations.map(({ loss }) => loss));
  return judgeFit({ train: trained, validation, bestLoss, validations, ending });
}

Deno.test("judgeFit() finds a run that was made to overfit: few sentences, many epochs", async () => {
  const { kind, evidence, title } = await trainAndJudge({
    data: { examples: 150 },
    model: { hiddenSize: 48, layers: 2, feedForwardSize: 96 },
    train: { epochs: 60, lr: 0.004, warmup: 20, weightDecay: 0 },
  });
  assertEquals(kind, "overfitting", title);
  assert(evidence.train.gap < 0, "what is learned by heart lies below the oracle");
  assertStringIncludes(title, "best on new ones at step");
});

Deno.test("judgeFit() finds a run that was made to underfit: a rate far too low", async () => {
  const { kind, evidence, title } = await trainAndJudge({
    train: { epochs: 4, lr: 3e-4, warmup: 0, schedule: "constant" },
  });
  assertEquals(kind, "underfitting", title);
  assertEquals(evidence.trend?.direction, "falling");
});
