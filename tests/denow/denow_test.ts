import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeCheckout, finish, which } from "./fake_checkout.ts";

const DENOW = new URL("../../denow", import.meta.url);

Deno.test("denow stays under 60 lines", () => {
  assertLess(Deno.readTextFileSync(DENOW).trimEnd().split("\n").length, 60);
});

Deno.test("denow sets up once, then only runs Deno", async () => {
  using checkout = new FakeCheckout();
  const first = await checkout.run(["eval", "1"]);
  assertEquals(first.code, 0);
  assertStringIncludes(first.stdout, "deno eval 1;");
  assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
  assertEquals(first.stderr.split("\n").map((line) => line.slice(0, 31)), [
    "denow: first start: making .ven",
    "denow: installing Deno, TensorF",
    "denow: fetching npm packages (4",
    "",
  ]);
  const second = await checkout.run(["eval", "2"]);
  assertEquals([second.code, second.stderr, checkout.takeLog()], [0, "", []]);
});

Deno.test("denow hands over arguments, input, exit status and its own process", async () => {
  using checkout = new FakeCheckout();
  const options = { stdin: "from outside", env: { FAKE_STATUS: "42" } };
  // On the first start too: what sets up must not eat the input.
  for (let start = 0; start < 2; start++) {
    const child = checkout.start(["run", "a b", "", "*"], options);
    const { code, stdout } = await finish(child, options.stdin);
    assertEquals([code, stdout], [
      42,
      `deno run a b  *; pid ${child.pid}; stdin from outside\n`,
    ]);
  }
});

Deno.test("denow sets up again what changed: all, or only the npm packages", async () => {
  using checkout = new FakeCheckout();
  await checkout.run([]);
  checkout.takeLog();
  checkout.write("deno.lock", "another");
  await checkout.run([]);
  assertEquals(checkout.takeLog(), ["install"]);
  checkout.write("requirements.txt", "another");
  await checkout.run([]);
  assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
  Deno.renameSync(checkout.root, `${checkout.folder}/moved`);
  checkout.root = `${checkout.folder}/moved`;
  await checkout.run([]);
  assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
});

Deno.test("denow puts the notebooks' kernel where every Jupyter looks, and again when it changed", async () => {
  using checkout = new FakeCheckout();
  const path = `${checkout.root}/.venv/share/jupyter/kernels/deno/kernel.json`;
  await checkout.run([]);
  assertEquals(Deno.readTextFileSync(path), "{}");
  checkout.takeLog();
  checkout.write("jupyter/kernel.json", '{"argv": []}');
  await checkout.run([]);
  assertEquals(Deno.readTextFileSync(path), '{"argv": []}');
  assertEquals(checkout.takeLog(), ["install"]);
});

Deno.test("denow keeps Deno's cache in .venv where the home folder cannot be written", async () => {
  using checkout = new FakeCheckout();
  // A file instead of a folder below it: root is stopped by that alone.
  const env = { HOME: `${checkout.root}/deno.lock/home` };
  assertEquals((await checkout.run([], { env })).code, 0);
  const cache = `${Deno.realPathSync(checkout.root)}/.venv/cache`;
  assertEquals(checkout.takeLog(), ["venv", "pip", `install ${cache}`]);
  checkout.write("deno.lock", "another");
  await checkout.run([], { env: { ...env, DENO_DIR: "/chosen" } });
  checkout.write("deno.lock", "a third");
  await checkout.run([], { env: { HOME: checkout.folder } });
  assertEquals(checkout.takeLog(), ["install /chosen", "install"]);
});

Deno.test("denow runs from another folder and through links; task finds its deno.json", async () => {
  using checkout = new FakeCheckout();
  Deno.symlinkSync("a checkout/denow", `${checkout.folder}/link`);
  Deno.symlinkSync(`${checkout.folder}/link`, `${checkout.folder}/link to link`);
  const command = `${checkout.folder}/link to link`;
  const { stdout } = await checkout.run(["task", "train"], { command, cwd: checkout.folder });
  const root = Deno.realPathSync(checkout.root);
  assertStringIncludes(stdout, `deno task --frozen --config ${root}/deno.json train;`);
  assert(Deno.statSync(`${checkout.root}/.venv/bin/deno`).isFile);
});

Deno.test("denow: a second start waits for the set-up, but not for the run", async () => {
  using checkout = new FakeCheckout();
  const gate = checkout.fifo("gate"), runGate = checkout.fifo("run gate");
  const first = checkout.start([], { env: { FAKE_GATE: gate, FAKE_RUN_GATE: runGate } });
  await Deno.readTextFile(gate); // now the first is in pip
  const second = checkout.start(["eval", "second"]);
  const waiting = second.stderr.getReader();
  assertStringIncludes(await readText(waiting), "denow: waiting for another set-up");
  waiting.releaseLock();
  await Deno.writeTextFile(gate, "go on");
  assertStringIncludes((await finish(second)).stdout, "deno eval second;"); // the first still runs
  const ended = finish(first);
  await Deno.writeTextFile(runGate, "end");
  assertEquals((await ended).code, 0);
  assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
});

Deno.test("denow begins afresh after a start that was killed in pip", async () => {
  using checkout = new FakeCheckout();
  const gate = checkout.fifo("gate");
  const first = checkout.start([], { env: { FAKE_GATE: gate } });
  await Deno.readTextFile(gate);
  first.kill("SIGKILL");
  assertEquals((await first.status).signal, "SIGKILL");
  const second = checkout.start([]);
  const waiting = second.stderr.getReader(); // for the orphaned pip, which still writes to .venv
  assertStringIncludes(await readText(waiting), "denow: waiting for another set-up");
  waiting.releaseLock();
  await Deno.writeTextFile(gate, "go on");
  assertEquals((await finish(second)).code, 0);
  await finish(first); // its orphans are gone, too
  assertEquals(checkout.takeLog(), ["venv", "pip", "venv", "pip", "install"]);
});

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  return new TextDecoder().decode((await reader.read()).value);
}

/** Ways to fail: the surroundings, and what denow must say. */
const FAILURES: [name: string, env: Record<string, string>, problem: string, cure: string][] = [
  [
    "python3 is too old or too new",
    { FAKE_IS_REFUSED: "1", FAKE_VERSION: "3.14.0" },
    "expected Python 3.10 to 3.13, got Python 3.14.0",
    "install one beside it, as python3.13",
  ],
  [
    "the venv module is missing",
    { FAKE_VENV_FAILS: "The virtual environment was not created: ensurepip is not available." },
    "python3 lacks its venv module",
    "apt install python3-venv",
  ],
  [
    "there is no network for pip",
    {
      FAKE_PIP_FAILS: "WARNING: Retrying after connection broken by NewConnectionError\n" +
        "ERROR: No matching distribution found for absl-py==2.5.1",
    },
    "no way to the packages",
    "check network and proxy",
  ],
  [
    "there is no network for npm",
    { FAKE_INSTALL_FAILS: "error sending request for url: client error (Connect)" },
    "no way to the packages",
    "check network and proxy",
  ],
  [
    "the disk is full",
    { FAKE_PIP_FAILS: "ERROR: [Errno 28] No space left on device" },
    "the disk is full",
    "free 3 GB",
  ],
  [
    "there are no packages for this platform",
    { FAKE_PIP_FAILS: "ERROR: No matching distribution found for deno==2.9.6" },
    "no packages for ",
    "use Linux (x86_64 or aarch64, glibc) or macOS (arm64)",
  ],
  [
    "a package is not what was locked",
    { FAKE_PIP_FAILS: "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" },
    "the step above failed",
    "see its message",
  ],
];

for (const [name, env, problem, cure] of FAILURES) {
  Deno.test(`denow tells problem and cure where ${name}, and recovers`, async () => {
    using checkout = new FakeCheckout();
    const { code, stdout, stderr } = await checkout.run(["eval", "1"], { env });
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, new RegExp(`^denow: Cannot set up: ${escape(problem)}`, "m"));
    assertMatch(stderr, new RegExp(`^denow: Cure: ${escape(cure)}`, "m"));
    const said = Object.entries(env).find(([key]) => key.endsWith("_FAILS"))?.[1] ?? "";
    assertStringIncludes(stderr, said); // the tool's own words stay
    assertEquals((await checkout.run(["eval", "1"])).code, 0);
  });
}

function escape(text: string): string {
  return text.replace(/[.()]/g, "\\$&");
}

Deno.test("denow hands over to denow.cmd in a Unix shell on Windows", async () => {
  using checkout = new FakeCheckout();
  const uname = `${checkout.folder}/python/uname`, command = `${checkout.root}/denow.cmd`;
  Deno.writeTextFileSync(uname, "#!/bin/sh\necho MINGW64_NT-10.0-22631\n", { mode: 0o755 });
  Deno.writeTextFileSync(command, '#!/bin/sh\necho "denow.cmd $*"; exit 7\n', { mode: 0o755 });
  const { code, stdout } = await checkout.run(["task", "train"]);
  assertEquals([code, stdout, checkout.takeLog()], [7, "denow.cmd task train\n", []]);
});

Deno.test("denow runs in every shell that is there", async () => {
  for (const shell of ["dash", "bash", "busybox", "posh", "ksh", "zsh"]) {
    const program = which(shell);
    if (program === "") continue;
    using checkout = new FakeCheckout();
    Deno.symlinkSync("a checkout/denow", `${checkout.folder}/link`);
    const args = [...shell === "busybox" ? ["sh"] : [], `${checkout.folder}/link`, "eval", "1"];
    const first = await checkout.run(args, { command: program });
    assertEquals([shell, first.code], [shell, 0], first.stderr);
    assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
    assertStringIncludes((await checkout.run(args, { command: program })).stdout, "deno eval 1;");
  }
});

Deno.test("denow tells where python3 is missing", async () => {
  using checkout = new FakeCheckout();
  const { code, stderr } = await checkout.run([], { env: { PATH: checkout.pathWithoutPython } });
  assertEquals([code, stderr.split("\n")], [1, [
    "denow: Cannot set up: python3 not found",
    "denow: Cure: install Python 3.10 to 3.13 with its venv module",
    "",
  ]]);
});

Deno.test("denow tells where the checkout cannot be written", async () => {
  using checkout = new FakeCheckout();
  // A folder in the lock's place cannot be opened even by root, whom no permission stops.
  Deno.mkdirSync(`${checkout.root}/.denow.lock`);
  const { code, stderr } = await checkout.run([]);
  assertEquals(code, 1);
  assertMatch(stderr, /^denow: Cannot set up: .*Is a directory/m);
  assertMatch(stderr, /^denow: Cure: make the checkout writable$/m);
});
