/**
 * denow.cmd, and the program that it starts: on Unix it does the same with the folders' names of Unix,
 * so it is tried there step by step against denow itself.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeCheckout, finish } from "./fake_checkout.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(name, ROOT));

Deno.test("denow for Windows takes the same steps as denow, and says the same", async () => {
  using unix = new FakeCheckout(), windows = new FakeCheckout();
  const expected = await unix.run(["eval", "1"]),
    actual = await windows.runForWindows(["eval", "1"]);
  assertEquals([actual.code, actual.stderr], [0, expected.stderr]);
  assertEquals(windows.takeLog(), unix.takeLog());
  const second = await windows.runForWindows(["eval", "2"]);
  assertEquals([second.code, second.stderr, windows.takeLog()], [0, "", []]);
});

Deno.test("denow for Windows hands over arguments, input and exit status", async () => {
  using checkout = new FakeCheckout();
  const options = { stdin: "from outside", env: { FAKE_STATUS: "42" } };
  for (let start = 0; start < 2; start++) {
    const { code, stdout } = await checkout.runForWindows(["run", "a b", "", "*"], options);
    assertEquals([code, stdout.replace(/pid \d+/, "pid")], [
      42,
      "deno run a b  *; pid; stdin from outside\n",
    ]);
  }
  const { stdout } = await checkout.runForWindows(["task", "train"], { cwd: checkout.folder });
  const root = Deno.realPathSync(checkout.root);
  assertStringIncludes(stdout, `deno task --frozen --config ${root}/deno.json train;`);
});

Deno.test("denow for Windows sets up again what changed: all, or only the npm packages", async () => {
  using checkout = new FakeCheckout();
  await checkout.runForWindows([]);
  checkout.takeLog();
  checkout.write("deno.lock", "another");
  await checkout.runForWindows([]);
  assertEquals(checkout.takeLog(), ["install"]);
  checkout.write("requirements.txt", "another");
  await checkout.runForWindows([]);
  assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
  Deno.renameSync(checkout.root, `${checkout.folder}/moved`);
  checkout.root = `${checkout.folder}/moved`;
  await checkout.runForWindows([]);
  assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
});

Deno.test("denow for Windows makes Deno itself the notebooks' kernel", async () => {
  using checkout = new FakeCheckout();
  checkout.write("jupyter/kernel.json", read("jupyter/kernel.json"));
  await checkout.runForWindows([]);
  const root = Deno.realPathSync(checkout.root);
  const path = `${root}/.venv/share/jupyter/kernels/deno/kernel.json`;
  const { argv, ...others } = JSON.parse(Deno.readTextFileSync(path));
  const deno = `${root}/.venv/bin/deno`;
  assertEquals(argv, [deno, "jupyter", "--kernel", "--conn", "{connection_file}"]);
  const { argv: _, ...expected } = JSON.parse(read("jupyter/kernel.json"));
  assertEquals(others, expected);
});

Deno.test("denow for Windows keeps Deno's cache in .venv where the home folder cannot be written", async () => {
  using checkout = new FakeCheckout();
  const env = { HOME: `${checkout.root}/deno.lock/home` };
  assertEquals((await checkout.runForWindows([], { env })).code, 0);
  const cache = `${Deno.realPathSync(checkout.root)}/.venv/cache`;
  assertEquals(checkout.takeLog(), ["venv", "pip", `install ${cache}`]);
  checkout.write("deno.lock", "another");
  await checkout.runForWindows([], { env: { ...env, DENO_DIR: "/chosen" } });
  assertEquals(checkout.takeLog(), ["install /chosen"]);
});

Deno.test("denow for Windows: a second start waits for the set-up, and finds it done", async () => {
  using checkout = new FakeCheckout();
  const gate = checkout.fifo("gate");
  const first = checkout.startForWindows([], { env: { FAKE_GATE: gate } });
  await Deno.readTextFile(gate); // now the first is in pip
  const second = checkout.startForWindows(["eval", "second"]);
  const waiting = second.stderr.getReader();
  const said = new TextDecoder().decode((await waiting.read()).value);
  assertStringIncludes(said, "denow: waiting for another set-up");
  waiting.releaseLock();
  await Deno.writeTextFile(gate, "go on");
  assertStringIncludes((await finish(second)).stdout, "deno eval second;");
  assertEquals((await finish(first)).code, 0);
  assertEquals(checkout.takeLog(), ["venv", "pip", "install"]);
});

/** Ways to fail: what a tool says, and what denow must say. */
const FAILURES: [env: Record<string, string>, problem: string, cure: string][] = [
  [
    { FAKE_VENV_FAILS: "Error: No module named venv" },
    "Python lacks its venv module",
    "install Python 3.12 from python.org",
  ],
  [
    {
      FAKE_PIP_FAILS: "WARNING: Retrying after connection broken by NewConnectionError\n" +
        "ERROR: No matching distribution found for absl-py==2.5.1",
    },
    "no way to the packages",
    "check network and proxy",
  ],
  [
    { FAKE_INSTALL_FAILS: "error sending request for url: client error (Connect)" },
    "no way to the packages",
    "check network and proxy",
  ],
  [
    { FAKE_PIP_FAILS: "OSError: [WinError 112] There is not enough space on the disk" },
    "the disk is full",
    "free 3 GB",
  ],
  [
    {
      FAKE_PIP_FAILS:
        "ERROR: Could not install packages due to an OSError: [Errno 2] No such file\n" +
        "HINT: This error might have occurred since this system does not have Windows Long Path " +
        "support enabled.",
    },
    "a path is longer than Windows allows",
    "move the checkout to a short path",
  ],
  [
    { FAKE_VENV_FAILS: "PermissionError: [WinError 5] Access is denied: '.venv'" },
    "a file is in use",
    "end programs that run out of .venv",
  ],
  [
    { FAKE_PIP_FAILS: "ERROR: No matching distribution found for deno==2.9.6" },
    "no packages for this Python or this Windows",
    "use Windows on x64",
  ],
  [
    { FAKE_PIP_FAILS: "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" },
    "the step above failed",
    "see its message",
  ],
];

Deno.test("denow for Windows tells problem and cure of each failure, and recovers", async () => {
  using checkout = new FakeCheckout();
  for (const [i, [env, problem, cure]] of FAILURES.entries()) {
    checkout.write("requirements.txt", `${i}`); // so that all is made anew
    const { code, stdout, stderr } = await checkout.runForWindows(["eval", "1"], { env });
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `denow: Cannot set up: ${problem}`);
    assertStringIncludes(stderr, `denow: Cure: ${cure}`);
    assertStringIncludes(stderr, Object.values(env)[0] ?? ""); // the tool's own words stay
    assertEquals((await checkout.runForWindows(["eval", "1"])).code, 0);
  }
});

Deno.test("denow for Windows tells where the checkout cannot be written", async () => {
  using checkout = new FakeCheckout();
  Deno.mkdirSync(`${checkout.root}/.denow.lock`);
  const { code, stderr } = await checkout.runForWindows([]);
  assertEquals(code, 1);
  assertMatch(stderr, /^denow: Cannot set up: .*Is a directory/m);
  assertMatch(stderr, /^denow: Cure: make the checkout writable$/m);
});

Deno.test("denow for Windows finds the DLL of the Python that .venv was made with", () => {
  using checkout = new FakeCheckout();
  const code = "import denow_windows; print(denow_windows.python_dll(" +
    "'home = C:/Python 312\\r\\nversion = 3.12.10\\r\\n'))";
  const { stdout, success } = new Deno.Command("python3", {
    args: ["-c", code],
    cwd: `${checkout.root}/scripts`,
  }).outputSync();
  assertEquals([success, new TextDecoder().decode(stdout)], [
    true,
    "C:/Python 312/python312.dll\n",
  ]);
});

Deno.test("denow.cmd asks for the same Python as denow, and one of 64 bits", () => {
  const command = read("denow.cmd"),
    range = /\(3, (\d+)\) <= sys.version_info\[:2\] <= \(3, (\d+)\)/;
  const [, from, to] = range.exec(command) ?? [];
  assertEquals(range.exec(read("denow"))?.slice(1), [from, to]);
  const tried = [...command.matchAll(/"py -3\.(\d+)"/g)].map(([, minor]) => Number(minor));
  const all = Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
  assertEquals(tried.toSorted((a, b) => a - b), all);
  assertStringIncludes(command, "sys.maxsize < 2 ** 32");
});

Deno.test("denow.cmd has Windows' line ends, without which its labels may not be found", () => {
  const lines = read("denow.cmd").split("\n");
  assertEquals(lines.pop(), "");
  assertEquals(lines.filter((line) => !line.endsWith("\r")), []);
  assertStringIncludes(read(".gitattributes"), "*.cmd text eol=crlf");
});
