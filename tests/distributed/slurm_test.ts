import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { parseClusterSpec } from "lib/distributed/mod.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/slurm_rank.sh", import.meta.url));

/** What the wrapper makes of a step with these nodes and tasks. */
async function specOf(hosts: readonly string[], tasks: string, procId: number) {
  const folder = Deno.makeTempDirSync(), scontrol = `${folder}/scontrol`;
  const answer = hosts.map((host) => `echo ${host}`).join("\n");
  Deno.writeTextFileSync(
    scontrol,
    `#!/bin/sh\n[ "$*" = "show hostnames list" ] || exit 3\n${answer}\n`,
  );
  Deno.chmodSync(scontrol, 0o755);
  const { code, stdout, stderr } = await new Deno.Command(SCRIPT, {
    args: ["printenv", "TF_CONFIG"],
    env: {
      PATH: `${folder}:${Deno.env.get("PATH")}`,
      SLURM_STEP_NODELIST: "list",
      SLURM_STEP_TASKS_PER_NODE: tasks,
      SLURM_PROCID: `${procId}`,
    },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return parseClusterSpec(new TextDecoder().decode(stdout));
}

Deno.test("slurm_rank.sh gives each task of a step its rank and all addresses", async () => {
  assertEquals(await specOf(["n1", "n2"], "1(x2)", 1), {
    addresses: ["n1:29500", "n2:29500"],
    rank: 1,
  });
  assertEquals(await specOf(["n1", "n2", "n3"], "2(x2),1", 4), {
    addresses: ["n1:29500", "n1:29501", "n2:29500", "n2:29501", "n3:29500"],
    rank: 4,
  });
  assertEquals(await specOf(["n1"], "3", 0), {
    addresses: ["n1:29500", "n1:29501", "n1:29502"],
    rank: 0,
  });
  assertEquals(await specOf(["n1"], "1", 0), null); // alone
});
