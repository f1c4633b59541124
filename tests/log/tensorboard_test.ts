import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
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
}

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
  const start = Date.UTC(2026, 0, 1) / 1000 + 2; // one reading for the name, one for the version
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

/** Writes texts and extremes, is killed within a record, and goes on from before it. */
function writeResumed(folder: string): void {
  let position = 0;
  {
    using log = TensorBoardLog.open(folder, { now: () => 0 });
    log.text(1, "samples", "The old cat sleeps quietly");
    log.text(200, "samples", TABLE);
    log.scalars(3, { extreme: Infinity, zero: -0 });
    position = log.position;
    log.scalars(4, { extreme: 1 });
    Deno.writeFileSync(log.path, new Uint8Array(5), { append: true });
  }
  using log = TensorBoardLog.open(folder, { now: () => 0, truncateTo: position });
  log.scalars(4, { extreme: 2 });
}

Deno.test("TensorBoard reads back every tag, step, value, time and text, across a resume", () => {
  const [plain, resumed] = [temporaryFolder(), temporaryFolder()], scalars = writeScalars(plain);
  writeResumed(resumed);
  const script = new URL("read_events.py", import.meta.url);
  // One call for both: it takes TensorBoard seconds to start.
  const seen: Events[] = JSON.parse(python(script, [plain, resumed]));
  assertEquals(seen, [
    { version: 2, scalars, texts: {} },
    {
      version: 2,
      scalars: { extreme: [[3, "inf", 0], [4, 2, 0]], zero: [[3, -0, 0]] },
      texts: { samples: [[1, "The old cat sleeps quietly"], [200, TABLE]] },
    },
  ]);
});

Deno.test("TensorBoardLog cut back to a position goes on in the same file", () => {
  const folder = temporaryFolder(), whole = temporaryFolder();
  let position = 0;
  {
    using log = TensorBoardLog.open(folder, { now: () => 0 });
    for (let step = 1; step <= 9; step++) {
      log.scalars(step, { loss: 1 / step });
      if (step === 5) position = log.position;
    }
  }
  const [name = ""] = names(folder), path = `${folder}/${name}`;
  Deno.writeFileSync(path, new Uint8Array(5), { append: true }); // killed within a record
  {
    using resumed = TensorBoardLog.open(folder, { now: () => 0, truncateTo: position });
    using log = TensorBoardLog.open(whole, { now: () => 0 });
    assertEquals([resumed.path, resumed.position], [path, position]);
    for (let step = 1; step <= 12; step++) {
      log.scalars(step, { loss: 1 / step });
      if (step > 5) resumed.scalars(step, { loss: 1 / step });
    }
    resumed.sync();
    assertEquals(Deno.readFileSync(path), Deno.readFileSync(log.path));
  }
  assertEquals(names(folder), [name]);
});

Deno.test("TensorBoardLog names its file as TensorBoard expects, after time and host", () => {
  using log = TensorBoardLog.open(temporaryFolder(), { now: () => 1767225600_999 });
  assertMatch(log.path, /\/events\.out\.tfevents\.1767225600\.[^/]+$/);
  assertEquals(log.path.endsWith(`.${Deno.hostname()}`), true);
});

Deno.test("TensorBoardLog goes on in the newest of several files", () => {
  const folder = temporaryFolder();
  TensorBoardLog.open(folder, { now: () => 1767225600_000 })[Symbol.dispose]();
  Deno.renameSync(`${folder}/${names(folder)[0]}`, `${folder}/events.out.tfevents.1767220000.old`);
  const older = `${folder}/events.out.tfevents.1767220000.old`;
  Deno.copyFileSync(older, `${folder}/events.out.tfevents.1767229999.new`);
  using log = TensorBoardLog.open(folder);
  assertNotEquals(log.path, older);
  assertMatch(log.path, /1767229999\.new$/);
});

Deno.test("TensorBoardLog refuses broken files and wrong positions, and cuts nothing off", () => {
  const folder = temporaryFolder();
  let path = "", end = 0;
  {
    using log = TensorBoardLog.open(folder);
    log.scalars(1, { loss: 1 });
    [path, end] = [log.path, log.position];
  }
  const open = (truncateTo?: number) => () =>
    TensorBoardLog.open(folder, truncateTo === undefined ? {} : { truncateTo });
  const rule = "expected whole records, got a broken one within";
  const text = `Cannot append to ${path}: ${rule} ${
    end - 1
  } bytes; move it away, and it is begun anew`;
  assertThrows(open(end - 1), RangeError, text);
  assertThrows(
    open(end + 1),
    RangeError,
    `Cannot append to ${path}: expected ${end + 1} bytes or more`,
  );
  assertEquals(Deno.statSync(path).size, end);
  for (let at = 0; at < end; at++) {
    const bytes = Deno.readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    Deno.writeFileSync(path, bytes);
    assertThrows(open(), RangeError, rule);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    Deno.writeFileSync(path, bytes);
  }
});

Deno.test("TensorBoardLog refuses steps that are not whole", () => {
  using log = TensorBoardLog.open(temporaryFolder());
  const { position } = log, begin = "Cannot log: expected a step from 0, got";
  assertThrows(() => log.scalars(0.5, {}), RangeError, `${begin} 0.5`);
  assertThrows(() => log.text(-1, "a", "b"), RangeError, `${begin} -1`);
  assertEquals(log.position, position);
});

Deno.test("TensorBoardLog.scalars() writes 200,000 values at once", () => {
  using log = TensorBoardLog.open(Deno.makeTempDirSync());
  const before = log.position;
  log.scalars(1, Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`a/${i}`, i])));
  assert(log.position - before > 200_000 * 10);
});
