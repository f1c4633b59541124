import { LIMITS, sandboxed, sandboxProblem, withoutNetwork } from "lib/classroom/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";

const SCRIPT = `
for place in /root /work /etc/passwd /course/../etc/hosts; do [ -e $place ] && echo "sees $place"; done
for place in / /course /course/lib /usr /cache /exchange; do touch $place/x 2>/dev/null && echo "writes $place"; done
cd /tmp && touch x && touch /course/runs/x && echo "has its own"
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
  for (
    const name of [
      ".venv",
      "node_modules",
      "lib",
      "runs",
      "checkpoints",
      "build",
      "experiments",
      "notebooks",
    ]
  ) {
    Deno.mkdirSync(`${course}/${name}`);
  }
  const places = { course, venv, modules, cache, exchange } as Parameters<typeof sandboxed>[0];
  const command = withoutNetwork(sandboxed(places, LIMITS, ["bash", "-c", SCRIPT]));
  assertStringIncludes(command.join(" "), "--unshare-net");
  if (await sandboxProblem() !== undefined) return; // no sandbox here: the grader refuses to run
  const [program = "", ...args] = command;
  const { stdout } = await new Deno.Command(program, { args, env: { SECRET: "told" } }).output();
  assertEquals(new TextDecoder().decode(stdout), "has its own\nis alone\n/home\n");
});
