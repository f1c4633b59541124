import {
  controlGroup,
  LIMITS,
  sandboxed,
  sandboxProblem,
  withoutNetwork,
} from "lib/classroom/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

/** Places of the course that a sandbox covers. */
const EMPTY = [
  ...[".venv", "node_modules", "runs", "checkpoints", "build", "experiments", "notebooks"],
];

const SCRIPT = `
for place in /root /boot /srv /etc/passwd /course/../etc/hosts; do [ -e $place ] && echo "sees $place"; done
for place in / /course /course/lib /usr /kept /exchange; do touch $place/x 2>/dev/null && echo "writes $place"; done
cd /tmp && touch x /course/runs/x && echo "has its own"
ls /proc | grep -c '^[0-9]' >/dev/null && [ $(ls /proc | grep -c '^[0-9]') -lt 8 ] && echo "is alone"
cat /sys/class/net/*/address 2>/dev/null
(echo > /dev/tcp/127.0.0.1/22) 2>/dev/null && echo "reaches a port"
echo $HOME $SECRET
`;

Deno.test("a sandbox shows the course alone, and keeps what is written to itself", async () => {
  const folder = temporaryFolder();
  const folders = ["course", "venv", "modules", "cache", "exchange"] as const;
  const [course, venv, modules, cache, exchange] = folders.map((name) => `${folder}/${name}`);
  for (const name of folders) Deno.mkdirSync(`${folder}/${name}`);
  for (const name of ["lib", ...EMPTY]) Deno.mkdirSync(`${course}/${name}`);
  const places = { course, venv, modules, cache, exchange } as Parameters<typeof sandboxed>[0];
  const command = withoutNetwork(sandboxed(places, LIMITS, ["bash", "-c", SCRIPT]));
  assertStringIncludes(command.join(" "), "--unshare-net");
  if (await sandboxProblem() !== undefined) return; // no sandbox here: the grader refuses to run
  const [program = "", ...args] = command;
  const { stdout } = await new Deno.Command(program, { args, env: { SECRET: "told" } }).output();
  assertEquals(new TextDecoder().decode(stdout), "has its own\nis alone\n/home\n");
});

Deno.test("controlGroup() is used only where a trial finds its limits in force", async () => {
  const asked: string[] = [];
  const finds = async (said: string | undefined, isRoot = false) => {
    const probe = (command: readonly string[]) => {
      asked.push(command.join(" "));
      return Promise.resolve(said);
    };
    return (await controlGroup(LIMITS, { isRoot, probe })).slice(0, 3).join(" ");
  };
  const right = `${LIMITS.memoryBytes}\n${LIMITS.threads}\n`;
  assertEquals(await finds(right), "systemd-run --user --scope");
  assertEquals(await finds(right, true), "systemd-run --scope --quiet");
  for (const said of [undefined, "", "max\nmax\n", `${LIMITS.memoryBytes}\nmax\n`]) {
    assertEquals(await finds(said), "", String(said));
  }
  assertStringIncludes(asked[0] ?? "", `MemoryMax=${LIMITS.memoryBytes} -p MemorySwapMax=0`);
});

/** Runs Python in a sandbox of its own, with some limits; gives what it printed. */
async function printed(code: string, limits: Partial<typeof LIMITS>): Promise<string> {
  const folder = temporaryFolder();
  for (const name of ["lib", ...EMPTY]) Deno.mkdirSync(`${folder}/${name}`);
  const places = {
    ...{ course: folder, venv: folder, modules: folder, cache: folder, exchange: folder },
  };
  const command = withoutNetwork(
    sandboxed(places, { ...LIMITS, ...limits }, ["python3", "-c", code]),
  );
  const [program = "", ...args] = command;
  const { stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("a sandbox's processes get no more memory, files, or time than their limits say", async () => {
  if (await sandboxProblem() !== undefined) return; // no sandbox here: the grader refuses to run
  const hoard = `
hoard = []
try:
    while True: hoard.append(bytearray(2**24))
except MemoryError:
    print(len(hoard) * 16)
`;
  const mebibytes = Number(await printed(hoard, { memoryBytes: 128 * 2 ** 20 }));
  assert(mebibytes > 100 && mebibytes <= 256, `${mebibytes} MiB`);
  const write = `
import errno, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for folder in ("/tmp", "/course/runs"):
    size = 0
    try:
        with open(folder + "/file", "wb", buffering=0) as file:
            while True: size += file.write(bytes(2**16))
    except OSError as error:
        print(folder, size >> 20, errno.errorcode[error.errno])
`;
  const files = await printed(write, { fileBytes: 2 ** 20 });
  assertMatch(files, /^\/tmp 1 (EFBIG|ENOSPC)\n\/course\/runs 1 (EFBIG|ENOSPC)$/);
  const spin = "print('begun', flush=True)\nwhile True: pass";
  assertEquals(await printed(spin, { totalSeconds: 1 }), "begun"); // it ends: by the limit on CPU time
});

Deno.test("a sandbox's threads are counted by themselves, where its user is not root", async () => {
  if (await sandboxProblem() !== undefined) return; // no sandbox here: the grader refuses to run
  const fork = `
import os, time
count = 0
try:
    while count < 60:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        count += 1
except OSError:
    pass
print(count)
`;
  const count = Number(await printed(fork, { threads: 30 }));
  // The system holds everybody but root to it; root's processes are watched.
  assert(Deno.uid() === 0 ? count === 60 : count < 30, `${count} processes`);
});
