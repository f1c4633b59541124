/**
 * Exercise 4, toy model training: generates a toy language, trains a small transformer on it, and
 * leaves a run folder with metrics, samples, checkpoints and a report.
 *
 *     ./denow task train                               the exercise's run
 *     ./denow task train --level agreement             a language with something to attend to
 *     ./denow task train --resume                      go on where the latest run stopped
 *     ./denow task train --help                        every setting, its unit and default
 *
 * What happens where, for reading on:
 *   1. the language and its best possible loss       lib/data, lib/train/corpus.ts
 *   2. the model and its initialisation              lib/model
 *   3. loss, optimizer, schedule, clipping           lib/model/cross_entropy.ts, lib/optimizer
 *   4. the loop: accumulate, step, validate, save    lib/train/train.ts, lib/train/step.ts
 *   5. what a run leaves                             lib/run/recorder.ts, lib/run/report.ts
 *
 * @module
 */
import { type BackendInfo, type CompileEvent, useBackend } from "lib/backend/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { createProgress, type Progress, terminal } from "lib/log/mod.ts";
import { countParams } from "lib/tensor/mod.ts";
import {
  beginRun,
  describeEnvironment,
  formatTrainHelp,
  listenForStop,
  parseTrainCommand,
  type PlacedRun,
  type PlaceOptions,
  reopenRun,
  RunRecorder,
  type Summary,
  writeReport,
} from "lib/run/mod.ts";
import { type EndEvent, train, type TrainEvent } from "lib/train/mod.ts";

/** Trains as the command line says, and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { isHelp, config, backend, ...place } = parseTrainCommand(args);
  if (isHelp) {
    return say(`Trains the exercise's model.\n\n${formatTrainHelp("./denow task train")}`);
  }
  const screen = terminal(Deno.stderr), notices: string[] = [];
  const onNotice = (line: string) => (notices.push(line), screen.write(`${line}\n`));
  // The first step of each shape takes seconds: a person should know what for.
  let tell = (line: string) => screen.write(`${line}\n`);
  const onCompile = ({ name, operations }: CompileEvent) =>
    tell(`          compiling ${name}: ${operations} operations, once for this shape`);
  const device = await useBackend({ ...backend, onNotice });
  const environment = describeEnvironment(device);
  const placed = config === null
    ? resume({ ...place, onCompile }, onNotice)
    : beginRun(config, { ...place, onCompile, environment });
  introduce(placed, device);

  // All that a person or a file gets to know of the training comes out of one stream of events;
  // leaving the loop, in whatever way, saves the run.
  const { run, folder } = placed;
  using stop = listenForStop(() => screen.write("\nStopping after this step; again: at once\n"));
  const progress = createProgress({ total: run.plan.totalSteps, ...screen });
  tell = (line) => progress.notice(line); // above the progress line, not into it
  let ending: EndEvent["reason"] = "interrupted";
  {
    using recorder = RunRecorder.open(run, folder);
    for await (const event of train(run, { signal: stop.signal })) {
      recorder.write(event);
      show(event, progress);
      if (event.kind === "notice") notices.push(event.message);
      if (event.kind === "end") ending = event.reason;
    }
    progress.finish();
  }
  if (ending === "interrupted") {
    say(`Saved; go on with: ./denow task train --resume --name ${placed.name}`);
    return stop.exitCode;
  }
  conclude(placed, await writeReport(placed, { ending, notices, environment }));
  return 0;
}

function resume(place: PlaceOptions, onNotice: (line: string) => void): PlacedRun {
  const { checkpoint, ...placed } = reopenRun(place);
  for (const warning of checkpoint.warnings) onNotice(`Passed over ${warning}`);
  say(`Resuming at step ${checkpoint.step} from ${checkpoint.path}`);
  return placed;
}

function introduce({ name, run }: PlacedRun, device: BackendInfo): void {
  const { config, plan, corpus } = run, { data, model, train, compute } = config;
  const held = corpus.validation.references.length;
  const { uniform, unigram, floor } = corpus.ladder;
  const sentences = train.batchSize * train.accumulation;
  say(`\
Run     ${name}, on ${device.name} ${device.version} ${device.device}, compiled: ${compute.compile}
Data    ${corpus.grammar.describe()}
        ${data.examples - held} sentences to learn from, ${held} to measure on
Model   ${countParams(run.state.params).toLocaleString("en")} parameters: ${model.layers} layers, \
${model.heads} heads, hidden ${model.hiddenSize}, feed-forward ${model.feedForwardSize}
Train   ${plan.totalSteps} steps of ${sentences} sentences, ${train.optimizer}, peak rate \
${train.lr}, ${train.warmup} steps of warm-up, then ${train.schedule}
Ladder  uniform ${uniform.toFixed(3)}, unigram ${unigram.toFixed(3)}, floor ${floor.toFixed(3)} \
nats a target: no model can beat the floor
`);
}

function show(event: TrainEvent, progress: Progress): void {
  if (event.kind === "step") {
    const { loss, lr, tokensPerSecond } = event;
    progress.update(event.step, { loss, lr, tokensPerSecond });
  } else if (event.kind === "evaluation") {
    const { step, loss, perplexity, gap, gapStandardError, isBest } = event;
    const numbers = `validation ${loss.toFixed(4)}  perplexity ${perplexity.toFixed(2)}`;
    const distance = `gap to the oracle ${gap.toFixed(4)} ± ${gapStandardError.toFixed(4)}`;
    progress.notice(`${`step ${step}`.padEnd(10)}${numbers}  ${distance}${isBest ? "  best" : ""}`);
  } else if (event.kind === "sample") {
    const [sample] = event.samples.filter(({ method }) => method === "sampled");
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const { grammaticalShare, agreementShare } = event;
    const pairs = agreementShare === null ? "" : `, ${percent(agreementShare)} of pairs agree`;
    const shares = `${percent(grammaticalShare)} grammatical${pairs}`;
    progress.notice(`          samples ${shares}, such as: ${sample?.text ?? ""}`);
  } else if (event.kind === "notice") progress.notice(event.message);
}

function conclude({ run, name, folder }: PlacedRun, { validation, verdict, path }: Summary): void {
  const { loss, gap, gapStandardError, perplexity } = validation;
  say(`
${verdict.title}
  validation loss ${loss.toFixed(4)}, perplexity ${perplexity.toFixed(2)}
  gap to the oracle ${gap.toFixed(4)} ± ${gapStandardError.toFixed(4)} nats a target
  ${run.state.step} steps, ${run.state.tokens.toLocaleString("en")} targets, \
${run.state.seconds.toFixed(1)} s of training

Look at  ${path}
         ./denow task tensorboard
Files    ${folder}/  checkpoints/${name}/`);
}

function say(text: string): 0 {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    // Errors in the library's own form tell the user what to do; of all others, the place counts.
    const isSetting = error instanceof ConfigError || error instanceof RangeError;
    const isOurs = error instanceof Error && /^Cannot .*expected/s.test(error.message);
    if (!isOurs && !(error instanceof ConfigError)) throw error;
    terminal(Deno.stderr).write(`${error.message}\n`);
    Deno.exit(isSetting ? 2 : 1);
  }
}
