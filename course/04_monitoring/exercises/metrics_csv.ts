import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { LogEvent } from "../logging.ts";

type Answer = (events: readonly LogEvent[]) => string;

/** A row under way: its fields by column. */
type Row = Record<string, number>;

const COLUMNS = ["step", "trainLoss", "lr", "validationLoss", "perplexity"];

/** The fields that an event fills. */
function fieldsOf(event: LogEvent): Row | undefined {
  const { step } = event;
  if (event.kind === "step") return { step, trainLoss: event.loss, lr: event.lr };
  if (event.kind !== "evaluation") return undefined;
  return { step, validationLoss: event.loss, perplexity: event.perplexity };
}

/** Rows in the order in which their steps first come up. */
function rowsOf(events: readonly LogEvent[], isMerged = true): Row[] {
  const rows: Row[] = [];
  for (const event of events) {
    const fields = fieldsOf(event), last = rows.at(-1);
    if (fields === undefined) continue;
    if (isMerged && last !== undefined && last.step === fields.step) Object.assign(last, fields);
    else rows.push(fields);
  }
  return rows;
}

const field = (value: number | undefined) => value === undefined ? "" : String(value);
const lineOf = (row: Row, write = field) => COLUMNS.map((name) => write(row[name])).join(",");
const table = (lines: readonly string[], header = COLUMNS.join(",")) =>
  [header, ...lines].map((line) => `${line}\n`).join("");
const reference: Answer = (events) => table(rowsOf(events).map((row) => lineOf(row)));

const written = (write: (value: number | undefined) => string): WrongAnswer<Answer> => (events) =>
  table(rowsOf(events).map((row) => lineOf(row, write)));

const step = (at: number, loss = 7 - at, lr = at / 1000): LogEvent => ({
  kind: "step",
  step: at,
  loss,
  lr,
});
const evaluation = (at: number, loss: number): LogEvent => ({
  kind: "evaluation",
  step: at,
  loss,
  perplexity: 2 * loss,
});

/** 4.1: the table of a run. */
export default exercise<Answer>({
  name: "metricsCsv",
  reference,
  returns: "text",
  cases: {
    "a validation before step 1, two steps, a validation": () => [[
      evaluation(0, 6.875),
      step(1),
      step(2),
      evaluation(2, 5.5),
    ]],
    "steps alone": () => [[step(1), step(2), step(3)]],
    "events that belong in no table": () => [[
      evaluation(0, 6.5),
      { kind: "sample", step: 0 },
      { kind: "checkpoint", step: 0 },
      step(1),
      { kind: "notice", step: 1 },
      { kind: "end", step: 1 },
    ]],
    "a loss and a rate of 0": () => [[step(1, 0, 0), evaluation(1, 0)]],
    "a loss that is NaN": () => [[step(1), step(2, NaN), evaluation(2, NaN)]],
    "a run resumed at step 200": () => [[step(201, 3.25), step(202, 3.125), evaluation(202, 3)]],
    "numbers with many digits": () => [[step(1, 1 / 3, 1e-7), evaluation(1, 2 / 3)]],
    "no event": () => [[]],
  },
  drawn: (random, i) => {
    const steps = Array.from({ length: i + 1 }, (_, k) => k + 1);
    return [steps.flatMap((at) => [
      step(at, 7 * random.uniform(), random.uniform()),
      ...random.integer(3) === 0 ? [evaluation(at, random.uniform())] : [],
    ])];
  },
  mistakes: {
    "a validation has a line of its own: it belongs to the line of its step": (events) =>
      table(rowsOf(events, false).map((row) => lineOf(row))),
    "a validation without a step before it is lost: step 0 has a line too": (events) =>
      reference(
        events.filter((event, i) =>
          event.kind !== "evaluation" ||
          events.slice(0, i).some((other) => other.kind === "step" && other.step === event.step)
        ),
      ),
    "0 is a number and no gap: ask for undefined, not for a value that counts as false": written((
      value,
    ) => value ? String(value) : ""),
    "a loss of NaN is written as NaN: the table must show where a run broke": written((value) =>
      value === undefined || Number.isNaN(value) ? "" : String(value)
    ),
    "what is missing is an empty field, nothing between two commas": [
      written(String),
      written((value) => value === undefined ? "null" : String(value)),
      written((value) => value === undefined ? "NaN" : String(value)),
      written((value) => String(value ?? 0)),
      written((value) => String(value ?? "-")),
    ],
    "an empty field keeps its comma: every line has four": (events) =>
      table(
        rowsOf(events).map((row) => COLUMNS.flatMap((name) => row[name] ?? []).join(",")),
      ),
    "the first line has to name the columns": (events) => reference(events).replace(/^.*\n/, ""),
    "the last line ends with \\n as well: the next one is appended to it": [
      (events) => reference(events).trimEnd(),
      (events) => reference(events).replace(/\n$/, ""),
    ],
    "the fields stand apart by a comma alone, without spaces": (events) =>
      reference(events).replaceAll(",", ", "),
    "the numbers are cut: write all digits, whoever draws them can round": [2, 3, 4, 5, 6].map((
      digits,
    ): WrongAnswer<Answer> =>
      written((value) => {
        if (value === undefined) return "";
        return Number.isInteger(value) ? String(value) : value.toFixed(digits);
      })
    ),
    "every event gets a line: only steps and validations belong in the table": (events) =>
      table(
        events.reduce<Row[]>((rows, event) => {
          const fields = fieldsOf(event) ?? { step: event.step }, last = rows.at(-1);
          if (last !== undefined && last.step === fields.step && event.kind === "evaluation") {
            Object.assign(last, fields);
          } else rows.push(fields);
          return rows;
        }, []).map((row) => lineOf(row)),
      ),
    "the validation's loss stands in the place of the training loss: they are two columns": (
      events,
    ) =>
      table(
        rowsOf(events).map((row) =>
          lineOf(
            row.validationLoss === undefined ? row : { ...row, trainLoss: row.validationLoss },
          )
        ),
      ),
    "the steps are counted anew: write the event's own step": (events) =>
      table(rowsOf(events).map((row, i) => lineOf({ ...row, step: i }))),
    "give the text of the table, not its lines": (events) => reference(events).split("\n"),
  },
  styles: {
    "lines by step": (events) => {
      const lines = new Map<number, string[]>();
      for (const event of events) {
        if (event.kind !== "step" && event.kind !== "evaluation") continue;
        const line = lines.get(event.step) ?? [`${event.step}`, "", "", "", ""];
        if (event.kind === "step") [line[1], line[2]] = [`${event.loss}`, `${event.lr}`];
        else [line[3], line[4]] = [`${event.loss}`, `${event.perplexity}`];
        lines.set(event.step, line);
      }
      return [COLUMNS, ...lines.values()].map((line) => line.join(",")).join("\n") + "\n";
    },
    "text that grows": (events) => {
      let text = COLUMNS.join(",") + "\n", open = -1;
      for (const event of events) {
        if (event.kind === "step") {
          if (open >= 0) text += ",,\n";
          text += `${event.step},${event.loss},${event.lr}`;
          open = event.step;
        } else if (event.kind === "evaluation") {
          if (open >= 0 && open !== event.step) text += ",,\n";
          if (open !== event.step) text += `${event.step},,`;
          text += `,${event.loss},${event.perplexity}\n`;
          open = -1;
        }
      }
      return open >= 0 ? `${text},,\n` : text;
    },
  },
});
