import { Claim } from "lib/experiment/claim.ts";
import { assert, assertEquals } from "@std/assert";
import { runCode } from "../support/code_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const folder = temporaryFolder();
let count = 0;
const newPath = () => `${folder}/${++count}.claim`;

Deno.test("a claim is given to one, and to another only when it is given back", async () => {
  const path = newPath(), first = await Claim.take(path);
  assert(first);
  assertEquals(await Claim.take(path), null);
  first[Symbol.dispose]();
  const second = await Claim.take(path);
  assert(second);
  first[Symbol.dispose](); // does not take the other one's
  assertEquals(await Claim.take(path), null);
  second[Symbol.dispose]();
  assertEquals([...Deno.readDirSync(folder)], []);
});

Deno.test("of twenty that ask at once, one gets a claim that was left behind", async () => {
  for (let round = 0; round < 10; round++) {
    const path = newPath();
    Deno.writeTextFileSync(
      path,
      JSON.stringify({ id: `dead-${round}`, host: "elsewhere", pid: 1 }),
    );
    Deno.utimeSync(path, 1, 1);
    const claims = await Promise.all(Array.from({ length: 20 }, () => Claim.take(path)));
    const taken = claims.filter((claim) => claim !== null);
    assertEquals(taken.length, 1);
    taken[0]?.[Symbol.dispose]();
  }
});

Deno.test("a claim of a process that is gone is taken over at once, of one that lives only when stale", async () => {
  const { stdout } = await runCode(`console.log(Deno.pid);`);
  const gone = { id: "gone", host: Deno.hostname(), pid: Number(stdout) };
  const alive = { id: "alive", host: Deno.hostname(), pid: Deno.pid };
  const foreign = { id: "foreign", host: "elsewhere", pid: Deno.pid };
  const taken = await Promise.all([gone, alive, foreign].map(async (claimant) => {
    const path = newPath();
    Deno.writeTextFileSync(path, JSON.stringify(claimant));
    using claim = await Claim.take(path);
    return claim !== null;
  }));
  assertEquals(taken, [true, false, false]);
});

Deno.test("a claim that is renewed does not go stale", async () => {
  const path = newPath(), options = { staleMs: 400, renewMs: 50 };
  using first = await Claim.take(path, options);
  assert(first);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assertEquals(await Claim.take(path, options), null);
});

Deno.test("a claim of another machine is taken over when it was not renewed", async () => {
  const path = newPath();
  Deno.writeTextFileSync(path, JSON.stringify({ id: "far", host: "elsewhere", pid: 1 }));
  assertEquals(await Claim.take(path, { staleMs: 60_000 }), null);
  const old = Date.now() / 1000 - 61;
  Deno.utimeSync(path, old, old);
  using claim = await Claim.take(path, { staleMs: 60_000 });
  assert(claim);
});

Deno.test("a claim whose writer was killed before it wrote a word is taken over when stale", async () => {
  for (const text of ["", '{"id":']) {
    const path = newPath();
    Deno.writeTextFileSync(path, text);
    assertEquals(await Claim.take(path, { staleMs: 60_000 }), null); // it may be writing just now
    const old = Date.now() / 1000 - 61;
    Deno.utimeSync(path, old, old);
    using claim = await Claim.take(path, { staleMs: 60_000 });
    assert(claim);
  }
});
