/**
 * Submissions of the notebooks 2 to 6: solved, untouched, with wrong answers, and with code that looks for
 * solutions, each with the points that it must get.
 *
 * @module
 */
import { added, both, edited, type Made, solvedNotebook } from "./made_class.ts";

/** Lines that stand in solutions, references or answers, and nowhere in the library. */
const SECRETS = [
  ...["const variance = rule ===", "Math.sqrt(rule ===", "forwardWith", "bandPart(tf.ones"],
  ...["state = { step, cursor: batch.next", "way.draftOf", "adamw(1, options)"],
  ...['A: "dropout is on', 'A: "pads carry labels"', "own.push(row)", "nats += batch.loss"],
];

/** Reads all that can be read, in files, modules and functions, and notes what gives a solution away. */
const SPY = `const secrets = ${JSON.stringify(SECRETS)}, found: string[] = [];
const look = (where: string, text: string) => {
  for (const one of secrets) if (text.includes(one)) found.push(where + ": " + one);
};
const walk = (folder: string, depth = 0) => {
  let entries: Deno.DirEntry[] = [];
  try { entries = [...Deno.readDirSync(folder)]; } catch { return; }
  for (const { name, isDirectory, isFile } of entries) {
    const path = folder + "/" + name;
    if (isDirectory && depth < 12 && !/^(\\.venv|node_modules|proc|sys|usr)$/.test(name)) walk(path, depth + 1);
    if (isFile) try { look(path, Deno.readTextFileSync(path)); } catch { continue; }
  }
};
walk("/course");
for (const folder of ["/exchange", "/cache", "/tmp", "/home", "/work", "/root"]) walk(folder);
for (const path of Deno.args.concat("/proc/self/environ", "/proc/self/cmdline")) {
  try { look(path, Deno.readTextFileSync(path)); } catch { continue; }
}
const modules = ["01_data/bug_hunt.ts", "02_model/parts.ts", "02_model/bug_hunt.ts", "02_model/reference.ts",
  "03_loop/loop.ts", "04_monitoring/broken_runs.ts", "03_loop/exercises/fit.ts", "02_model/exercises/attend.ts",
  "01_data/notebook.ts", "02_model/notebook.ts", "03_loop/notebook.ts"];
const text = (value: unknown, depth = 0): string => typeof value === "function"
  ? String(value) : typeof value === "object" && value !== null && depth < 4
  ? Object.entries(value).map(([key, part]) => key + ": " + JSON.stringify(part) + text(part, depth + 1)).join("\\n") : "";
for (const path of modules) {
  try { look(path, text(await import("course/" + path))); } catch { continue; }
}
if (found.length > 0) console.log("FOUND", found);
console.log("SEEN", found.length);
`;

/** An answer that says whether the spy found something. */
const answerIfFound = (name: string) =>
  `function ${name}() {
  throw new Error(found.length === 0 ? "nothing was found" : found.join(", "));
}`;

/** What a notebook's made submissions are. */
interface MadeNotebookOf {
  /** The points of all exercises that are checked. */
  readonly most: number;
  /** The exercise that is answered wrongly, its answer, and the points that are lost. */
  readonly exercise: string;
  readonly wrong: string;
  readonly lost: number;
  /** The exercise whose answer is right only if a spy finds a solution, and its points; no other uses it. */
  readonly spied: string;
  readonly points: number;
}

/** The notebooks 2 to 6. */
export const NOTEBOOKS: Readonly<Record<string, MadeNotebookOf>> = {
  "02_model": {
    ...{ most: 36, exercise: "weightDeviation", spied: "worstDifference", points: 1, lost: 0.5 },
    wrong: "function weightDeviation(rule, fanIn, fanOut) {\n" +
      "  return Math.sqrt(2 / (fanIn + fanOut)); // whatever the rule\n}",
  },
  "03_loop": {
    ...{ most: 43, exercise: "evaluate", spied: "trainWithPatience", points: 3, lost: 2 },
    wrong: "function evaluate(params, batches, config) {\n" +
      "  const losses = batches.map((batch) => tf.tidy(() => {\n" +
      "    const { logits } = model.forward(config, params, batch.ids, { mask: batch.mask });\n" +
      "    return model.crossEntropy(logits, batch.labels, { divisor: batch.targets }).dataSync()[0];\n" +
      "  }));\n" +
      "  const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length; // each batch weighs alike\n" +
      "  return { loss, perplexity: Math.exp(loss) };\n}",
  },
  "04_monitoring": {
    ...{ most: 30, exercise: "perplexityOf", spied: "permutationPValue", points: 2, lost: 2 },
    wrong: "function perplexityOf(batches) {\n" +
      "  const sum = batches.reduce((all, { loss }) => all + loss, 0);\n" +
      "  return Math.exp(sum / batches.length); // each batch weighs alike\n}",
  },
  "05_experiments": {
    ...{ most: 23, exercise: "risingRates", spied: "flawOf", points: 3, lost: 1 },
    wrong: "function risingRates({ from, to, steps }) {\n" +
      "  return Array.from({ length: steps }, (_, i) => from + (to - from) * i / steps);\n}",
  },
  "06_challenges": {
    ...{ most: 22, exercise: "rowsOfRank", spied: "speedUp", points: 2, lost: 0.5 },
    wrong: "function rowsOfRank(rows, { rank, ranks }) {\n  const own = [];\n" +
      "  for (let row = rank; row < rows - rows % ranks; row += ranks) own.push(row);\n" +
      "  return own; // without those that are left over\n}",
  },
};

/** The made submissions of a notebook by their student. */
export function madeOf(notebook: string): Readonly<Record<string, Made>> {
  const of = NOTEBOOKS[notebook];
  if (of === undefined) throw new RangeError(`Cannot make ${notebook}: expected one of 2 to 6`);
  const { most, exercise, wrong, lost, spied, points } = of;
  const solved = () => solvedNotebook("all", notebook);
  return {
    solved: { points: most, change: solved },
    stub: { points: 0, change: () => solvedNotebook([], notebook) },
    wrong: { points: most - lost, change: () => edited(exercise, wrong)(solved()) },
    spy: {
      points: most - points,
      change: () => both(edited(spied, answerIfFound(spied)), added(SPY))(solved()),
      tells: /nothing was found/,
    },
  };
}
