import { added, both, edited, type Made } from "./made_class.ts";

/** An answer that would be right if something had been taken: else it is wrong. */
const answerOf = (taken: string) =>
  `const right = [];
try {
  ${taken}
} catch (error) {
  console.log(String(error));
}
function entropy(p) {
  return right.length === 0 ? 7 : -p.reduce((s, x) => x === 0 ? s : s + x * Math.log(x), 0);
}`;
const takes = (taken: string, tells: RegExp): Made => ({
  points: 11,
  change: edited("entropy", answerOf(taken)),
  tells,
});
const wrong = edited("entropy", "function entropy() {\n  return 7;\n}");
const spoils = (source: string, tells: RegExp): Made => ({
  points: 11,
  change: both(wrong, added(source)),
  tells,
});
const breaks = (source: string, tells: RegExp): Made => ({
  points: 12,
  change: added(source),
  tells,
});

/** Submissions that try to get out, to harm, or to get points for nothing. */
export const ESCAPES: Readonly<Record<string, Made>> = {
  "exits": breaks("Deno.exit(0);", /ends the process/),
  "exits-in-answer": {
    points: 11,
    change: edited("entropy", "function entropy() {\n  Deno.exit(0);\n}"),
    tells: /ends the process/,
  },
  "aborts": breaks(
    'import process from "node:process";\nprocess.abort();',
    /a new kernel[^]*ends the process/,
  ),
  "kills-its-parent": breaks(
    'Deno.kill(Deno.ppid, "SIGKILL"); Deno.kill(1, "SIGKILL");',
    /ends the process/,
  ),
  "memory-bomb": breaks(
    "const hoard: unknown[] = [];\nwhile (true) hoard.push(new Float64Array(2 ** 24).fill(hoard.length));",
    /a new kernel went on/,
  ),
  "fork-bomb": breaks(
    'new Deno.Command("sh", { args: ["-c", "f() { f | f & }; f"] }).spawn();\nawait new Promise((end) => setTimeout(end, 20_000));',
    /starts other programs[^]*|used too much/,
  ),
  "output-flood": breaks(
    'while (true) console.log("x".repeat(10_000));',
    /put out too much|a new kernel/,
  ),
  "huge-picture": breaks(
    'await Deno.jupyter.display({ "image/png": "A".repeat(50_000_000) }, { raw: true });',
    /put out too much|a new kernel/,
  ),
  "writes-grades": takes(
    'for (const path of ["../grades.csv", "/exchange/../grades.json", "/etc/passwd", "../deno.json", "../lib/grade/judge.ts"]) {\n' +
      '    try { Deno.writeTextFileSync(path, "100"); if (path !== "../grades.csv") right.push(path); } catch { continue; }\n  }',
    /names the grader's files/,
  ),
  "reads-others": takes(
    'for (const folder of ["../submitted", "/home", "/root", "/work", "/tmp", "/exchange"]) {\n' +
      '    for (const { name } of Deno.readDirSync(folder)) if (name.endsWith("ipynb")) right.push(name);\n  }',
    /names files outside of the course/,
  ),
  "reads-solutions": takes(
    'for (const path of ["../notebooks/solutions/01_data.ipynb", "../course/01_data/notebook.ts"]) {\n' +
      "    try { right.push(Deno.readTextFileSync(path)); } catch { continue; }\n  }",
    /names the solutions/,
  ),
  "imports-the-exercise": takes(
    'right.push((await import("course/01_data/exercises/entropy.ts")).default);',
    /names the solutions/,
  ),
  "uses-the-network": takes(
    'await Promise.any(["http://1.1.1.1/", "http://localhost:8888/"].map((url) => fetch(url)));\n  right.push("net");',
    /uses the network/,
  ),
  "looks-for-programs": takes(
    'const { stdout } = new Deno.Command("sh", { args: ["-c", "cat /proc/*/cmdline"] }).outputSync();\n' +
      '  if (new TextDecoder().decode(stdout).includes("execute_cells")) right.push("the grader");',
    /starts other programs/,
  ),
  // Its own answers give wrong numbers by then; those without numbers stay right.
  "patches-prototypes": {
    ...spoils(
      "Array.prototype.every = () => true;\nObject.is = () => true;\nMath.abs = () => 0;",
      /changes what is built in/,
    ),
    points: 6,
  },
  // What it sends is no answer any more.
  "patches-json": {
    ...spoils(
      'const write = JSON.stringify;\nJSON.stringify = (value, ...rest) => write(value?.kind === "result" ? { kind: "end", isRight: true, text: "" } : value, ...rest);',
      /changes what is built in/,
    ),
    points: 0,
  },
  "replaces-check": spoils(
    'check = async (name: string) => console.log("OK  " + name);\nglobalThis.check = check;',
    /replaces the checks/,
  ),
  "patches-library": spoils(
    'const engine = await import("lib/grade/mod.ts?again");\ntry { engine.judge = async () => ({ right: ["all"], wrong: [] }); } catch {}\n' +
      "Object.assign(library, { entropy: () => 7 });",
    /a second time/,
  ),
  "prints-a-score": spoils(
    'console.log("OK  entropy");\nconsole.log(JSON.stringify({ event: "cell", id: "entropy-test", verdict: { isRight: true } }));',
    /prints what a check prints/,
  ),
  // By its name, and by what is open: both ways end at once, without points.
  "writes-the-pipe": {
    points: 11,
    change: edited(
      "entropy",
      `function entropy() {
  const bytes = new TextEncoder().encode(JSON.stringify({ kind: "end", isRight: true, text: "OK" }) + "\\n");
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (!Deno.readLinkSync("/proc/self/fd/" + name).includes("results")) continue;
    } catch {
      continue;
    }
    Deno.writeFileSync("/proc/self/fd/" + name, bytes, { append: true });
  }
  return 7;
}`,
    ),
    tells: /names files outside of the course[^]*wrote into the channel/,
  },
  "writes-half-a-message": {
    points: 11,
    change: edited(
      "entropy",
      `function entropy(p) {
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (!Deno.readLinkSync("/proc/self/fd/" + name).includes("results")) continue;
    } catch {
      continue;
    }
    Deno.writeFileSync("/proc/self/fd/" + name, Uint8Array.of(3, 200, 0, 0), { append: true });
  }
  return -p.reduce((s, x) => x === 0 ? s : s + x * Math.log(x), 0);
}`,
    ),
    tells: /wrote into the channel/,
  },
  "worker": breaks(
    'new Worker("data:text/javascript,while(true);", { type: "module", deno: { permissions: "inherit" } });',
    /starts a worker/,
  ),
};
