import { assert, assertEquals, assertThrows } from "@std/assert";
import { createProgress, type ProgressOptions } from "lib/log/mod.ts";

/** A progress line on a clock that stands still unless it is moved. */
function started(options: Partial<ProgressOptions> = {}) {
  const screen = { writes: [] as string[], ms: 0 };
  const progress = createProgress({
    total: 100,
    write: (text) => screen.writes.push(text),
    now: () => screen.ms,
    ...options,
  });
  return { progress, screen };
}

/** What a terminal shows after these writes, line by line, without colours. */
function shown(writes: readonly string[]): string[] {
  const lines: string[][] = [[]];
  let column = 0;
  // deno-lint-ignore no-control-regex -- the sequences for colours begin with a control character
  for (const character of writes.join("").replaceAll(/\x1b\[\d*m/g, "")) {
    if (character === "\n") lines.push([]);
    const line = lines.at(-1) ?? [];
    if (character === "\r" || character === "\n") column = 0;
    else line[column++] = character;
  }
  return lines.map((line) => line.join("").trimEnd());
}

Deno.test("createProgress() shows step, loss, time left, rate, speed and note on a terminal", () => {
  const { progress, screen } = started({ isTerminal: true, columns: 120 });
  for (const [step, ms] of [[1, 5000], [2, 6000]] as const) {
    screen.ms = ms;
    progress.update(step, { loss: 6.90776, lr: 9.8e-4, tokensPerSecond: 12345.6, note: "a\nb" });
  }
  assertEquals(shown(screen.writes), [
    "[>                             ]  " +
    "step 2/100  loss 6.9078  ETA 1:38  lr 9.80e-4  12,346 tok/s  a b",
  ]);
});

Deno.test("the bar grows with the steps, and gives way where the terminal is narrow", () => {
  const at = (step: number, columns: number) => {
    const { progress, screen } = started({ isTerminal: true, columns });
    progress.update(step, { loss: 1 });
    return shown(screen.writes)[0];
  };
  assertEquals(at(0, 60), "[>                             ]  step 0/100  loss 1.0000");
  assertEquals(at(50, 60), "[===============>              ]  step 50/100  loss 1.0000");
  assertEquals(at(100, 60), "[==============================]  step 100/100  loss 1.0000");
  assertEquals(at(50, 50), "[==========>         ]  step 50/100  loss 1.0000");
  assertEquals(at(50, 40), "[=====>    ]  step 50/100  loss 1.0000");
  assertEquals(at(50, 38), "step 50/100  loss 1.0000");
  assertEquals(at(50, 25), "step 50/100  loss 1.0000");
  assertEquals(at(50, 24), "step 50/100  loss 1.000");
  assertEquals(at(50, 0), "");
});

Deno.test("no line is ever wider than the terminal, even while it is made narrower", () => {
  let columns = 100;
  const { progress, screen } = started({ isTerminal: true, columns: () => columns });
  for (let step = 1; step <= 100; step++) {
    screen.ms += 200;
    columns = 101 - step;
    progress.update(step, { loss: 1, note: "\u{1f600}".repeat(50) });
    const drawn = screen.writes.at(-1)?.replace("\r", "") ?? "";
    assert([...drawn].length < Math.max(columns, 1) || columns === 1, `${columns}: ${drawn}`);
  }
});

Deno.test("a shorter line wipes the longer one before it", () => {
  const { progress, screen } = started({ isTerminal: true });
  progress.update(1, { note: "validation 3.7000" });
  screen.ms = 200;
  progress.update(2);
  assertEquals(shown(screen.writes), ["[>                             ]  step 2/100  ETA 0:20"]);
});

Deno.test("a terminal line is drawn at most ten times a second, and always at the last step", () => {
  const { progress, screen } = started({ isTerminal: true });
  for (let step = 1; step <= 99; step++) {
    screen.ms += 10;
    progress.update(step);
  }
  assertEquals(screen.writes.length, 10);
  progress.update(100);
  assertEquals(screen.writes.length, 11);
});

Deno.test("finish() shows the last step, ends the line once, and then leaves it alone", () => {
  const { progress, screen } = started({ isTerminal: true });
  progress.update(1);
  progress.update(2); // too soon to be drawn
  progress.finish();
  progress.finish();
  progress.notice("saved");
  const [line, notice, rest] = shown(screen.writes);
  assert(line?.includes("step 2/100"), line);
  assertEquals([notice, rest, screen.writes.at(-1)], ["saved", "", "saved\n"]);
});

Deno.test("finish() without an update writes nothing", () => {
  const { progress, screen } = started({ isTerminal: true });
  progress.finish();
  assertEquals(screen.writes, []);
});

Deno.test("notice() stands above the progress line, which stays whole", () => {
  const { progress, screen } = started({ isTerminal: true });
  progress.notice("before");
  progress.update(1, { loss: 2 });
  progress.notice("step 1: validation loss 3.7000, best so far");
  screen.ms = 200;
  progress.update(2, { loss: 1 });
  const [before, notice, line] = shown(screen.writes);
  assertEquals([before, notice], ["before", "step 1: validation loss 3.7000, best so far"]);
  assert(line?.includes("step 2/100  loss 1.0000"), line);
});

Deno.test("where it is no terminal, plain lines come every ten seconds, and first and last", () => {
  const { progress, screen } = started();
  for (let step = 1; step <= 99; step++) {
    screen.ms += 500;
    progress.update(step, { loss: 2 });
  }
  progress.notice("stopped");
  progress.finish();
  assertEquals(screen.writes, [
    "step 1/100  loss 2.0000\n",
    "step 21/100  loss 2.0000  ETA 0:40\n",
    "step 41/100  loss 2.0000  ETA 0:30\n",
    "step 61/100  loss 2.0000  ETA 0:20\n",
    "step 81/100  loss 2.0000  ETA 0:10\n",
    "stopped\n",
    "step 99/100  loss 2.0000  ETA 0:01\n",
  ]);
});

Deno.test("the time between plain lines can be set", () => {
  const { progress, screen } = started({ plainEverySeconds: 0 });
  progress.update(1);
  progress.update(2);
  assertEquals(screen.writes.length, 2);
});

Deno.test("colours are used where they are asked for, and nowhere else", () => {
  const colored = started({ isTerminal: true, color: true });
  colored.progress.update(1, { loss: 1 });
  assertEquals(colored.screen.writes.join("").split("\x1b").length, 3);
  for (const options of [{ isTerminal: true }, { color: true }]) {
    const { progress, screen } = started(options);
    progress.update(1, { loss: 1 });
    progress.finish();
    assert(!screen.writes.join("").includes("\x1b"));
  }
});

/** Seconds left as shown after steps at these times, of 10,000 steps. */
function eta(times: Iterable<number>, firstStep = 1): string | undefined {
  const { progress, screen } = started({ total: 10_000, plainEverySeconds: 0 });
  let step = firstStep;
  for (screen.ms of times) progress.update(step++);
  return /ETA (\S+)/.exec(screen.writes.at(-1) ?? "")?.[1];
}

function* times(count: number, msPerStep: number, start = 0): Generator<number> {
  for (let step = 1; step <= count; step++) yield start + step * msPerStep;
}

Deno.test("the time left is that of the last half minute's pace", () => {
  assertEquals(eta([1000]), undefined);
  assertEquals(eta([1000, 1000]), "0:00");
  assertEquals(eta(times(100, 100)), "16:30");
  assertEquals(eta(times(100, 10_000)), "27:30:00");
  // Ten steps a second, after a first step that took a minute to compile.
  assertEquals(eta([60_000, ...times(99, 100, 60_000)]), "16:30");
  assertEquals(eta([0, 20_000, ...times(99, 100, 20_000)], 0), "16:30");
  // A run that was resumed at step 5,000.
  assertEquals(eta(times(100, 100), 5000), "8:10");
  // Slow for an hour, then fast for a minute.
  assertEquals(eta([...times(360, 10_000), ...times(600, 100, 3_600_000)]), "15:04");
});

Deno.test("an evaluation of three seconds moves the time left by its share of the half minute", () => {
  const steady = [...times(300, 100)], paused = [...steady, ...times(1, 3000, 30_000)];
  assertEquals(eta(steady), "16:10");
  assertEquals(eta(paused), "17:54");
});

Deno.test("a step back, as after a resume in the same process, starts the pace afresh", () => {
  const { progress, screen } = started({ plainEverySeconds: 0 });
  for (const [step, ms] of [[50, 0], [60, 1000], [10, 2000], [11, 3000]] as const) {
    screen.ms = ms;
    progress.update(step);
  }
  assertEquals(screen.writes.at(-1), "step 11/100  ETA 1:29\n");
});

Deno.test("createProgress() refuses totals and steps that cannot be", () => {
  const text = (what: string) => `Cannot show progress: expected a ${what}`;
  assertThrows(() => started({ total: 0 }), RangeError, text("total from 1, got 0"));
  const { progress, screen } = started();
  assertThrows(() => progress.update(101), RangeError, text("step from 0 to 100, got 101"));
  assertThrows(() => progress.update(-1), RangeError, text("step from 0 to 100, got -1"));
  assertThrows(() => progress.update(1.5), RangeError, text("step from 0 to 100, got 1.5"));
  assertEquals(screen.writes, []);
});
