/**
 * Exercise 4, toy model training: generates a toy language, trains a small transformer on it, and
 * leaves a run folder with metrics, samples, checkpoints and a report.
 *
 *     ./denow task train                               the exercise's run
 *     ./denow task train --level agreement             a language with something to attend to
 *     ./denow task train --resume                      go on where the latest run stopped
 *     ./denow task train --resume --epochs 12          train the latest run further
 *     ./denow task train --ranks 2                     data-parallel, on two processes
 *     ./denow task train --help                        every setting, its unit and default
 *
 * What happens where, for reading on:
 *   1. the language and its best possible loss       lib/data, lib/train/corpus.ts
 *   2. the model and its initialisation              lib/model
 *   3. loss, optimizer, schedule, clipping           lib/model/cross_entropy.ts, lib/optimizer
 *   4. the loop: accumulate, step, validate, save    lib/train/train.ts, lib/train/step.ts
 *   5. what a run leaves                             lib/run/recorder.ts, lib/run/write_report.ts
 *   6. several processes that train together         lib/distributed
 *
 * @module
 */
import { type BackendInfo, type CompileEvent, useBackend } from "lib/backend/mod.ts";
import {
  announceRun,
  assertSameAssignment,
  type Cluster,
  endWithLauncher,
  followRun,
  joinFromEnvironment,
  launchRanks,
} from "lib/distributed/mod.ts";
import { VERSION } from "lib/core/mod.ts";
import { createProgress, type Progress, terminal } from "lib/log/mod.ts";
import { countParams } from "lib/tensor/mod.ts";
import {
  beginRun,
  describeEnvironment,
  describeFailure,
  formatTrainHelp,
  listenForStop,
  parseTrainCommand,
  type PlacedRun,
  reopenRun,
  type ReportOptions,
  RunRecorder,
  type StopSignals,
  type Summary,
  type TrainCommand,
  writeReport,
} from "lib/run/mod.ts";
import { type EndEvent, type Run, train, type TrainEvent } from "lib/train/mod.ts";

const screen = terminal(Deno.stderr);

/** Trains as the command line says, and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const command = parseTrainCommand(args), { ranks = 1 } = command;
  if (command.isVersion) return say(VERSION);
  if (command.isHelp) {
    return say(`Trains the exercise's model.\n\n${formatTrainHelp("./denow task train")}`);
  }
  if (ranks > 1 && Deno.env.get("TF_CONFIG") === undefined) {
    return await launchRanks({ ranks, program: import.meta.url, args, onNotice: say });
  }
  return await trainHere(command);
}

/** Trains in this process, alone or as one rank of several. */
async function trainHere(command: TrainCommand): Promise<number> {
  const { config, backend, ranks, limits, epochs, ...place } = command;
  const notices: string[] = [];
  const onNotice = (line: string) => (notices.push(line), screen.write(`${line}\n`));
  // The first step of each shape takes seconds: a person should know what for.
  const teller = { tell: (line: string) => screen.write(`${line}\n`) };
  const onCompile = ({ name, operations }: CompileEvent) =>
    teller.tell(`          compiling ${name}: ${operations} operations, once for this shape`);
  const device = await useBackend({ ...backend, onNotice });
  using _launcher = endWithLauncher();
  const replicas = await joinFromEnvironment({ ranks, limits });
  if (replicas !== null) await assertSameAssignment(replicas, command);
  if (replicas !== null && replicas.rank > 0) return await follow(replicas);
  const environment = describeEnvironment(device);
  const options = { ...place, onCompile, ...replicas !== null && { replicas } };
  const placed = config === null
    ? resume({ ...options, ...epochs !== undefined && { epochs } }, onNotice)
    : beginRun(config, { ...options, environment });
  using stop = listenForStop(() => screen.write("\nStopping and saving; again: at once\n"));
  try {
    if (replicas !== null) await announceRun(replicas, placed.run);
    introduce(placed, device, replicas);
    const surroundings = { environment, notices, teller, signal: stop.signal };
    const ending = await trainAndReport(placed, surroundings);
    await replicas?.leave();
    return exitCodeOf(ending, stop);
  } catch (error) {
    const exitCode = fail(error, placed); // told in any case: it may be that saving failed
    return stop.exitCode || exitCode;
  }
}

/** Trains as a rank other than 0: what rank 0 announces, and without a word. */
async function follow(replicas: Cluster): Promise<number> {
  using stop = listenForStop(() => {});
  const run = await followRun(replicas);
  let ending: EndEvent["reason"] = "interrupted";
  for await (const event of train(run, { signal: stop.signal })) {
    if (event.kind === "end") ending = event.reason;
  }
  await replicas.leave();
  return exitCodeOf(ending, stop);
}

/** Where another rank was asked to stop, this one ends as if it had been too, by SIGTERM. */
function exitCodeOf(ending: EndEvent["reason"], stop: StopSignals): number {
  return stop.exitCode || (ending === "interrupted" ? 143 : 0);
}

/** What training is told besides the run. */
interface Surroundings extends Required<Pick<ReportOptions, "environment" | "signal">> {
  /** What to tell in the report; grows. */
  readonly notices: string[];
  /** Where lines go that come up during training. */
  readonly teller: { tell: (line: string) => void };
}

/**
 * All that a person or a file gets to know of the training comes out of one stream of events;
 * every exit from the loop saves the run.
 */
async function trainAndReport(
  placed: PlacedRun,
  surroundings: Surroundings,
): Promise<EndEvent["reason"]> {
  const { run, folder, name } = placed, { signal, notices, teller } = surroundings;
  const progress = createProgress({ total: run.plan.totalSteps, ...screen });
  teller.tell = (line) => progress.notice(line); // above the progress line, not into it
  const onNotice = (message: string) => (notices.push(message), progress.notice(message));
  let ending: EndEvent["reason"] = "interrupted";
  using recorder = RunRecorder.open(run, folder, { onNotice });
  for await (const event of train(run, { signal })) {
    recorder.write(event);
    show(event, progress);
    if (event.kind === "notice") notices.push(event.message);
    if (event.kind === "end") ending = event.reason;
  }
  progress.finish();
  const isStopped = signal.aborted || ending === "interrupted"; // by this rank's signal or another's
  const summary = isStopped ? null : await writeReport(placed, { ending, ...surroundings });
  if (summary !== null) conclude(placed, summary);
  else say(`Saved; go on with: ./denow task train --resume --name ${name}`);
  return ending;
}

function resume(
  place: Parameters<typeof reopenRun>[0],
  onNotice: (line: string) => void,
): PlacedRun {
  const { checkpoint, change, warnings, ...placed } = reopenRun(place);
  for (const warning of checkpoint.warnings) onNotice(`Passed over ${warning}`);
  warnings.forEach(onNotice);
  say(`Resuming at step ${checkpoint.step} from ${checkpoint.path}`);
  if (change !== undefined) say(`Changed ${change}`);
  return placed;
}

function introduce({ name, run }: PlacedRun, device: BackendInfo, replicas: Cluster | null): void {
  const { config, plan, corpus } = run, { data, model, train, compute } = config;
  const held = corpus.validation.references.length;
  const { uniform, unigram, floor } = corpus.ladder;
  const sentences = Math.min(train.batchSize * train.accumulation, data.examples - held);
  say(`\
Run     ${name}, on ${device.name} ${device.version} ${device.device}, ${
    howCompiled(device, compute)
  }
Data    ${corpus.grammar.describe()}
        ${data.examples - held} sentences to learn from, ${held} to measure on
Model   ${countParams(run.state.params).toLocaleString("en")} parameters: ${model.layers} layers, \
${model.heads} heads, hidden ${model.hiddenSize}, feed-forward ${model.feedForwardSize}
Batch   ${describeBatch(run)}${replicas === null ? "" : describeRanks(replicas)}
Train   ${plan.totalSteps} steps of ${sentences} sentences, ${train.optimizer}, peak rate \
${train.lr}, ${train.warmup} steps of warm-up, then ${train.schedule}
Ladder  uniform ${uniform.toFixed(3)}, unigram ${unigram.toFixed(3)}, floor ${floor.toFixed(3)} \
nats per target: no model can beat the floor
`);
}

/** Only TensorFlow compiles; the other backends run op by op, whatever was asked for. */
function howCompiled({ name }: BackendInfo, { compile }: Run["config"]["compute"]): string {
  return name === "tensorflow" ? `compiled: ${compile}` : "op by op";
}

/** The shapes that a step computes, each compiled once and for all steps. */
function describeBatch({ config: { data, train }, corpus: { loader, lengths } }: Run): string {
  if (data.curriculum !== "none") {
    return `${train.batchSize} x ${lengths.join(" or ")} (sentences x positions), ` +
      `${data.curriculum} ${data.curriculumOrder}: ${100 * data.pacingStart} % of the sentences ` +
      `at first, all from step ${data.pacingSteps} on`;
  }
  const shapes: string[] = [];
  for (const { shape: [B, T], isLastOfStep } of loader.batches()) {
    shapes.push(`${B} x ${T}`);
    if (isLastOfStep) break;
  }
  const why = lengths.length > 1 ? ", so that little is padded" : "";
  return `${[...new Set(shapes)].join(" + ")} (sentences x positions)${why}`;
}

/** Who trains together, and what is open to whom meanwhile. */
function describeRanks({ ranks, spec: { addresses } }: Cluster): string {
  return `
Ranks   ${ranks}, each with its share of every batch; they talk by gRPC, without authentication:
        ports ${
    addresses.join(", ")
  } are open on all network interfaces, so keep to a private network`;
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

function conclude({ run, name, folder }: PlacedRun, summary: Summary): void {
  const { step, validation, verdict, path } = summary, { state } = run;
  const { loss, gap, gapStandardError, perplexity } = validation;
  const isBest = step === state.earlyStop.bestStep, isLast = step === state.step;
  const which = isBest && !isLast ? `the best: checkpoints/${name}/best` : "the last";
  say(`
${verdict.title}
  weights of step ${step}, ${which}${isBest && isLast ? " and best" : ""}
  validation loss ${loss.toFixed(4)}, perplexity ${perplexity.toFixed(2)}
  gap to the oracle ${gap.toFixed(4)} ± ${gapStandardError.toFixed(4)} nats per target
  ${state.step} steps, ${state.tokens.toLocaleString("en")} targets, \
${state.seconds.toFixed(1)} s of training

Look at  ${path}
         ./denow task tensorboard
Files    ${folder}/  checkpoints/${name}/`);
}

function say(text: string): 0 {
  terminal(Deno.stdout).write(`${text}\n`);
  return 0;
}

/** Tells what went wrong, if there is anybody to read it, and gives the exit code. */
function fail(error: unknown, placed?: PlacedRun): number {
  const { message, exitCode } = describeFailure(error, placed);
  try {
    screen.write(`${message}\n`);
  } catch {
    // The exit code says it all the same.
  }
  return exitCode;
}

if (import.meta.main) Deno.exit(await main(Deno.args).catch((error) => fail(error)));
