import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { CsvLog, type CsvValue, readCsv } from "lib/log/mod.ts";
import { python } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const COLUMNS = ["step", "trainLoss", "note"];

const newPath = () => `${temporaryFolder()}/metrics.csv`;

Deno.test("CsvLog writes RFC 4180: header, quotes doubled, missing values empty", () => {
  const path = newPath();
  using log = CsvLog.open(path, ["step", "loss, nats", "note"]);
  log.write({ step: 1, "loss, nats": 1e-7, note: 'say "hi",\nbye' });
  log.write({ step: 2, note: null });
  log.write({ step: 3, "loss, nats": undefined, note: "" });
  assertEquals(
    Deno.readTextFileSync(path),
    'step,"loss, nats",note\n1,1e-7,"say ""hi"",\nbye"\n2,,\n3,,""\n',
  );
});

Deno.test("CsvLog and readCsv() keep every value: 2,000 random numbers and awkward texts", () => {
  const path = newPath(), random = new Random(1);
  const hard: CsvValue[] = [
    0,
    -0,
    5e-324,
    1.7976931348623157e308,
    0.1 + 0.2,
    NaN,
    Infinity,
    -Infinity,
  ];
  const texts = [
    "",
    "12",
    "NaN",
    "1e5",
    "Infinity",
    ",",
    '"',
    '""',
    "a\nb",
    "a\r\nb",
    "\u00e9\u{1f600}",
    " ",
  ];
  const rows = Array.from({ length: 2000 }, (_, step) => ({
    step,
    trainLoss: random.normal() * 10 ** (random.integer(40) - 20),
    note: random.pick<CsvValue>([...hard, ...texts, null]),
  }));
  {
    using log = CsvLog.open(path, COLUMNS);
    for (const row of rows) log.write(row);
  }
  assertEquals(readCsv(path), { columns: COLUMNS, rows });
});

Deno.test("CsvLog writes what Python's csv module reads", () => {
  const path = newPath();
  using log = CsvLog.open(path, COLUMNS);
  const note = 'quote " comma , line\nfeed \u00e9';
  log.write({ step: 1, trainLoss: 0.30000000000000004, note });
  const seen = JSON.parse(python(new URL("read_csv.py", import.meta.url), [path]));
  assertEquals(seen, [COLUMNS, ["1", "0.30000000000000004", note]]);
});

Deno.test("CsvLog appends each row in one write, at a position that counts bytes", () => {
  const path = newPath();
  using log = CsvLog.open(path, COLUMNS);
  const write = Deno.FsFile.prototype.writeSync;
  const writes: number[] = [];
  Deno.FsFile.prototype.writeSync = function (bytes) {
    writes.push(bytes.length);
    return write.call(this, bytes);
  };
  try {
    log.write({ step: 1, note: "\u00e9" });
  } finally {
    Deno.FsFile.prototype.writeSync = write;
  }
  assertEquals(writes, ["1,,\u00e9\n".length + 1]);
  assertEquals(log.position, Deno.statSync(path).size);
});

Deno.test("CsvLog cut back to a position goes on as if it had never stopped", () => {
  const path = newPath(),
    whole = newPath(),
    row = (step: number) => ({ step, trainLoss: 1 / step });
  let position = 0;
  {
    using log = CsvLog.open(path, COLUMNS);
    for (let step = 1; step <= 9; step++) {
      log.write(row(step));
      if (step === 5) position = log.position;
    }
  }
  Deno.writeTextFileSync(path, "10,0.0", { append: true }); // killed within a row
  {
    using resumed = CsvLog.open(path, COLUMNS, { truncateTo: position });
    assertEquals(resumed.position, position);
    using log = CsvLog.open(whole, COLUMNS);
    for (let step = 1; step <= 12; step++) {
      log.write(row(step));
      if (step > 5) resumed.write(row(step));
    }
    resumed.sync();
  }
  assertEquals(Deno.readTextFileSync(path), Deno.readTextFileSync(whole));
});

Deno.test("CsvLog without a position goes on at the end", () => {
  const path = newPath();
  for (const step of [1, 2]) {
    using log = CsvLog.open(path, COLUMNS);
    log.write({ step });
  }
  assertEquals(readCsv(path).rows.map((row) => row["step"]), [1, 2]);
});

Deno.test("CsvLog refuses other columns, half rows and wrong positions, and cuts nothing off", () => {
  const path = newPath(), begin = `Cannot append to ${path}: expected`;
  Deno.writeTextFileSync(path, "step,trainLoss,note\n1,2,\n3,");
  const open = (columns: string[], truncateTo?: number) => () =>
    CsvLog.open(path, columns, truncateTo === undefined ? {} : { truncateTo });
  const others =
    `${begin} columns step,loss, got step,trainLoss,note; move it away, and a new one is begun`;
  assertThrows(open(["step", "loss"]), RangeError, others);
  assertThrows(open(["step", "loss"], 20), RangeError, others);
  const half = `${begin} its last row to be whole, got "3,"; move it away, and a new one is begun`;
  assertThrows(open(COLUMNS), RangeError, half);
  assertThrows(open(COLUMNS, 22), RangeError, 'got "1,"');
  const short = `${begin} 99 bytes or more, got 27; move it away, and a new one is begun`;
  assertThrows(open(COLUMNS, 99), RangeError, short);
  assertThrows(open(COLUMNS, -1), RangeError, "expected -1 bytes or more, got 27");
  assertThrows(
    open(["a", "a"]),
    RangeError,
    `Cannot open ${path}: expected distinct columns, got a,a`,
  );
  assertThrows(open([]), RangeError, "expected distinct columns, got ");
  const marked = newPath();
  Deno.writeTextFileSync(marked, `\uFEFF${COLUMNS}\n1,2,\n`);
  assertThrows(
    () => CsvLog.open(marked, COLUMNS),
    RangeError,
    "expected columns step,trainLoss,note",
  );
  assertEquals(Deno.readTextFileSync(path), "step,trainLoss,note\n1,2,\n3,");
});

Deno.test("CsvLog.write() refuses a column that the table does not have", () => {
  const path = newPath();
  using log = CsvLog.open(path, COLUMNS);
  const text = `Cannot write to ${path}: expected columns step, trainLoss, note, got trainLos`;
  assertThrows(() => log.write({ step: 1, trainLos: 2 }), RangeError, text);
  assertEquals(readCsv(path).rows, []);
});

Deno.test("readCsv() reads other programs' files: line ends, no last line feed, no rows", () => {
  const path = newPath();
  const read = (text: string) => {
    Deno.writeTextFileSync(path, text);
    return readCsv(path);
  };
  assertEquals(read('a,b\r\n"x",-2.50e-1\r\n').rows, [{ a: "x", b: -0.25 }]);
  assertEquals(read("a,b\n1,"), { columns: ["a", "b"], rows: [{ a: 1, b: null }] });
  assertEquals(read("__proto__,a\n1,2\n").rows[0]?.["a"], 2);
  assertEquals(read("a\n"), { columns: ["a"], rows: [] });
  assertEquals(read(""), { columns: [], rows: [] });
  assertEquals(read("\uFEFFa,b\n1,2\n"), { columns: ["a", "b"], rows: [{ a: 1, b: 2 }] });
  // A name is text, whatever it looks like.
  assertEquals(read(",1.50\n1,2\n"), { columns: ["", "1.50"], rows: [{ "": 1, "1.50": 2 }] });
});

Deno.test("readCsv() refuses rows that do not fit and quotes that do not close", () => {
  const path = newPath();
  const read = (text: string) => () => {
    Deno.writeTextFileSync(path, text);
    readCsv(path);
  };
  const begin = `Cannot read ${path}: expected`;
  assertThrows(read("a,b\n1,2\n3\n"), SyntaxError, `${begin} 2 fields in row 2, got 1`);
  assertThrows(read("a,b\n1,2,3\n"), SyntaxError, `${begin} 2 fields in row 1, got 3`);
  assertThrows(read('a,b\n1,"2\n'), SyntaxError, `${begin} a field, got "2`);
  assertThrows(read('a,b\n1,2"2\n'), SyntaxError, `${begin} a field, got 2"2`);
  assertThrows(read("a,a\n1,2"), SyntaxError, `${begin} distinct columns, got "a" twice`);
  const long = "h".repeat(400_000), error = assertThrows(read(`${long},${long}`), SyntaxError);
  assertLess(error.message.length, 400);
  assertThrows(read('x,"a",y,a\n1,2,3,4'), SyntaxError, `${begin} distinct columns, got "a" twice`);
});

Deno.test("CsvLog.rewriteLast() replaces the last row, after opening again too", () => {
  const path = `${Deno.makeTempDirSync()}/metrics.csv`, columns = ["step", "note", "loss"];
  {
    using log = CsvLog.open(path, columns);
    assertThrows(() => log.rewriteLast({ step: 1 }), RangeError, "expected a row, got none");
    log.write({ step: 1, note: 'two\nlines, "quoted"' });
    log.rewriteLast({ step: 1, note: "one\nmore", loss: 5 });
    log.write({ step: 2, note: "a\nb" });
  }
  using log = CsvLog.open(path, columns);
  log.rewriteLast({ step: 2, note: "a\nb", loss: 4 });
  log.rewriteLast({ step: 2, note: "é", loss: 3 });
  log.write({ step: 3 });
  assertEquals(readCsv(path).rows, [
    { step: 1, note: "one\nmore", loss: 5 },
    { step: 2, note: "é", loss: 3 },
    { step: 3, note: null, loss: null },
  ]);
});
