import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { TensorBoardLog } from "lib/log/mod.ts";
import { crc32c } from "lib/log/_tf_record.ts"; // private: its published check value is worth a test
import { python } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

/** 2026-01-01, and a second more at each reading. */
function clock(): () => number {
  let ms = Date.UTC(2026, 0, 1);
  return () => ms += 1000;
}

/** What TensorBoard reads: steps with their values, and times in seconds since 1970. */
interface Events {
  readonly version: number;
  readonly scalars: Record<string, [step: number, value: number | string, time: number][]>;
  readonly texts: Record<string, [step: number, text: string][]>;
  readonly hparams: Record<string, unknown>;
  readonly layout: unknown;
  readonly images: Record<string, number[][]>;
  readonly histograms: Record<
    string,
    [number, number, number, number, number, number[], number[]][]
  >;
}

/** What TensorBoard reads of files that hold none of these. */
const NOTHING = { texts: {}, hparams: {}, layout: null, images: {}, histograms: {} };

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name);

Deno.test("crc32c() gives the check values of RFC 3720", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
});

const TABLE = "| \u00e9 | \u{1f600} |\n".repeat(50);

/** Writes 500 steps of two tags, and gives what is to be read. */
function writeScalars(folder: string): Events["scalars"] {
  const random = new Random(1), loss: Events["scalars"][string] = [], lr: typeof loss = [];
  using log = TensorBoardLog.open(folder, { now: clock() });
  const start = Date.UTC(2026, 0, 1) / 1000 + 3; // a reading each for name, version and session start
  for (let step = 1; step <= 500; step++) {
    const values = [random.normal(), 10 ** -random.integer(30)] as const;
    log.scalars(step, { "loss/train": values[0], "rate/lr": values[1] });
    loss.push([step, Math.fround(values[0]), start + step]);
    lr.push([step, Math.fround(values[1]), start + step]);
  }
  // A step that 32 bits do not hold.
  log.scalars(2 ** 40, { late: 1.5 });
  return { "loss/train": loss, "rate/lr": lr, late: [[2 ** 40, 1.5, start + 501]] };
}

/** Writes texts and extremes, is killed within a record after step 5, and goes on from step 4. */
function writeResumed(folder: string): void {
  {
    using log = TensorBoardLog.open(folder, { now: () => 0 });
    log.text(1, "samples", "The old cat sleeps quietly");
    log.text(200, "samples", TABLE);
    for (const step of [3, 4, 5]) log.scalars(step, { extreme: step === 3 ? Infinity : step });
    log.scalars(3, { zero: -0 });
    Deno.writeFileSync(log.path, new Uint8Array(5), { append: true });
  }
  using log = TensorBoardLog.open(folder, { now: () => 0, startStep: 4 });
  log.scalars(4, { extreme: 44 });
}

Deno.test("TensorBoard reads back every tag, step, value, time and text, across a resume", () => {
  const [plain, resumed] = [temporaryFolder(), temporaryFolder()], scalars = writeScalars(plain);
  writeResumed(resumed);
  const script = new URL("read_events.py", import.meta.url);
  // One call for both: it takes TensorBoard seconds to start.
  const seen: Events[] = JSON.parse(python(script, [plain, resumed]));
  assertEquals(seen, [
    { ...NOTHING, version: 2, scalars },
    {
      ...NOTHING,
      version: 2,
      // What was written from step 4 on, before the resume, is gone.
      scalars: { extreme: [[3, "inf", 0], [4, 44, 0]], zero: [[3, -0, 0]] },
      texts: { samples: [[1, "The old cat sleeps quietly"]] },
    },
  ]);
});

Deno.test("TensorBoard reads back settings, ending, layout, images and histograms", () => {
  const folder = temporaryFolder(), values = Float32Array.from([-1, 0, 0.5, 0.5, 2]);
  const png = Uint8Array.fromBase64(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAEUlEQVR4nGNgYGD4D8UgBgAbAAQBIk0hYwAAAABJRU5ErkJggg==",
  );
  {
    using log = TensorBoardLog.open(folder, { now: () => 5000 });
    log.layout("Run", [{ title: "loss", tags: ["loss/train", "loss/oracle"] }]);
    log.settings({ "train.lr": 1.5e-3, "data.level": "plain", "data.buckets": true, seed: 0 });
    log.histograms(7, { spread: values, alike: Float32Array.of(3, 3), none: new Float32Array() });
    log.image(7, "attention", png);
    log.ending("success");
  }
  const script = new URL("read_events.py", import.meta.url);
  const [seen]: Events[] = JSON.parse(python(script, [folder]));
  assertEquals(seen?.hparams, {
    settings: { "train.lr": 1.5e-3, "data.level": "plain", "data.buckets": true, seed: 0 },
    started: 5,
    status: 1,
    ended: 5,
  });
  assertEquals(seen?.layout, {
    category: [{
      title: "Run",
      chart: [{ title: "loss", multiline: { tag: ["^loss/train$", "^loss/oracle$"] } }],
    }],
  });
  assertEquals(seen?.images, { attention: [[7, 2, 3, png.length]] });
  const [spread] = seen?.histograms.spread ?? [], [alike] = seen?.histograms.alike ?? [];
  assertEquals(Object.keys(seen?.histograms ?? {}).sort(), ["alike", "spread"]);
  assertEquals(spread?.slice(0, 5), [7, -1, 2, 5, 2]);
  const [limits, counts] = [spread?.[5] ?? [], spread?.[6] ?? []];
  assertEquals(counts.reduce((sum, count) => sum + count), 5);
  for (const value of values) { // each lies in the first bucket whose limit is above it, or the last
    const bucket = limits.findIndex((limit) => value < limit);
    assert((counts[bucket === -1 ? counts.length - 1 : bucket] ?? 0) > 0, `${value}`);
  }
  assertEquals(alike?.[6].reduce((sum, count) => sum + count), 2);
});

Deno.test("TensorBoardLog leaves the files there are, and writes one behind them", () => {
  const folder = temporaryFolder(), now = () => 1767225600_000;
  const paths = Array.from({ length: 3 }, () => {
    using log = TensorBoardLog.open(folder, { now });
    log.scalars(1, { loss: 1 });
    return log.path;
  });
  assertEquals(names(folder).sort(), paths.map((path) => path.split("/").at(-1)));
  const first = Deno.readFileSync(paths[0] ?? "");
  using _later = TensorBoardLog.open(folder, { now: () => 0 }); // the clock went back
  assertEquals(Deno.readFileSync(paths[0] ?? ""), first);
  assertEquals(names(folder).sort().at(-1), `events.out.tfevents.1767225603.${Deno.hostname()}`);
});

Deno.test("TensorBoardLog sets aside what is no file, for TensorBoard would stop there", () => {
  const folder = temporaryFolder(), notices: string[] = [];
  Deno.mkdirSync(`${folder}/events.out.tfevents.17.host`);
  using _log = TensorBoardLog.open(folder, { onMend: (notice) => notices.push(notice) });
  assertEquals(notices.length, 1);
  assertMatch(
    notices[0] ?? "",
    /is not a file: it was renamed to .*events\.out\.events\.17\.host\.damaged/,
  );
});

Deno.test("TensorBoardLog names its file as TensorBoard expects, after time and host", () => {
  using log = TensorBoardLog.open(temporaryFolder(), { now: () => 1767225600_999 });
  assertMatch(log.path, /\/events\.out\.tfevents\.1767225600\.[^/]+$/);
  assertEquals(log.path.endsWith(`.${Deno.hostname()}`), true);
});

Deno.test("TensorBoardLog refuses steps that are not whole", () => {
  using log = TensorBoardLog.open(temporaryFolder());
  const { size } = Deno.statSync(log.path), begin = "Cannot log: expected a step from 0, got";
  assertThrows(() => log.scalars(0.5, {}), RangeError, `${begin} 0.5`);
  assertThrows(() => log.text(-1, "a", "b"), RangeError, `${begin} -1`);
  assertEquals(Deno.statSync(log.path).size, size);
});

Deno.test("TensorBoardLog.scalars() writes 200,000 values at once", () => {
  using log = TensorBoardLog.open(Deno.makeTempDirSync());
  const before = Deno.statSync(log.path).size;
  log.scalars(1, Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`a/${i}`, i])));
  assert(Deno.statSync(log.path).size - before > 200_000 * 10);
});
