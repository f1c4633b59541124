/**
 * TensorFlow's collective runtime between real processes.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { formatClusterSpec, freeAddresses } from "lib/distributed/mod.ts";
import { checkSideBySide, type Scene } from "./_ranks.ts";

const CHILD = fileURLToPath(new URL("rank_child.ts", import.meta.url));

/** How the ranks are started: a command before Deno's, such as one that changes the network. */
interface Start {
  readonly addresses?: readonly string[];
  readonly before?: (rank: number) => readonly string[];
}

/** Plays a scene of `rank_child.ts` on two ranks. */
async function play(
  name: string,
  { addresses = freeAddresses(2), before = () => [] }: Start = {},
) {
  return await Promise.all([0, 1].map(async (rank) => {
    const command = [...before(rank), Deno.execPath(), "run", "-A", "--no-check", CHILD, name];
    const { code, stdout, stderr } = await new Deno.Command(command[0] ?? "", {
      args: command.slice(1),
      env: {
        TF_CONFIG: formatClusterSpec({ addresses, rank }),
        TF_CPP_MIN_LOG_LEVEL: "3",
        NO_COLOR: "1",
      },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }));
}

/** What {@linkcode SCENES.exchange} gives on either rank. */
const EXCHANGED = {
  sum: [2, 5, 0],
  first: [1, 2, 0],
  texts: ["", "é"],
  refusal: "Cannot reduce over ranks: expected elements, got [0]",
  left: 0,
  ticks: true,
  threads: false,
};

const exchanges: Scene = [
  "Cluster: ranks add up, send and wait without stopping JavaScript, and end with code 0",
  async () => {
    for (const { code, out, err } of await play("exchange")) {
      assertEquals(code, 0, err);
      assertEquals(JSON.parse(out), EXCHANGED);
    }
  },
];

const throws: Scene = [
  "an uncaught error of a rank ends it with code 1, and its text is not lost",
  async () => {
    for (const { code, err } of await play("throw")) {
      assertEquals(code, 1, err);
      assertMatch(err, /Error: deliberate/);
    }
  },
];

const terminated: Scene = [
  "a rank hears of SIGTERM, which TensorFlow listens for too",
  async () => {
    for (const [rank, { code, out, err }] of (await play("terminated")).entries()) {
      assertEquals(code, 0, err);
      assertEquals(JSON.parse(out), { rank, isHeard: true });
    }
  },
];

const stuck: Scene = [
  "a rank that is alive and stuck is named",
  async () => {
    const addresses = freeAddresses(2), [first] = await play("stuck", { addresses });
    assertEquals(first?.code, 1);
    const who = `rank 1 \\(${addresses[1]}\\) alive, but not where the others have waited for 2 s`;
    assertMatch(first?.err ?? "", new RegExp(who));
  },
];

Deno.test("two ranks", async (test) => {
  await checkSideBySide(test, [stuck, exchanges, throws, terminated], { atOnce: 2 });
});

/** Two network namespaces joined by a cable, as two machines; null where this one does not allow it. */
async function twoHosts(): Promise<AsyncDisposable | null> {
  const names = [`ranks-a-${Deno.pid}`, `ranks-b-${Deno.pid}`];
  const ip = async (...args: string[]) => {
    const command = new Deno.Command("ip", { args, stdout: "null", stderr: "null" });
    return await command.output().then(({ success }) => success, () => false); // or there is no ip
  };
  const remove = async () => {
    for (const name of names) await ip("netns", "delete", name);
  };
  const [a = "", b = ""] = names, cable = ["ends-a", "ends-b"] as const;
  const isMade = await ip("netns", "add", a) && await ip("netns", "add", b) &&
    await ip(
      "link",
      "add",
      cable[0],
      "netns",
      a,
      "type",
      "veth",
      "peer",
      "name",
      cable[1],
      "netns",
      b,
    );
  for (
    const [name, end, address] of [[a, cable[0], "10.77.0.1/24"], [b, cable[1], "10.77.0.2/24"]]
  ) {
    if (!isMade || name === undefined || end === undefined || address === undefined) break;
    await ip("-n", name, "address", "add", address, "dev", end);
    await ip("-n", name, "link", "set", end, "up");
    await ip("-n", name, "link", "set", "lo", "up");
  }
  if (isMade) return { [Symbol.asyncDispose]: remove };
  await remove();
  return null;
}

Deno.test("ranks meet across two network namespaces, as across two hosts", async (test) => {
  await using hosts = await twoHosts();
  await test.step({
    name: "with a network of its own for each rank",
    ignore: hosts === null, // the machine does not allow it
    fn: async () => {
      const played = await play("exchange", {
        addresses: ["10.77.0.1:29500", "10.77.0.2:29500"],
        before: (rank) => ["ip", "netns", "exec", `ranks-${"ab"[rank]}-${Deno.pid}`],
      });
      for (const { code, out, err } of played) {
        assertEquals(code, 0, err);
        assertEquals(JSON.parse(out), EXCHANGED);
      }
    },
  });
  assert(true);
});
