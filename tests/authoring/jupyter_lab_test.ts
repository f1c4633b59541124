import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { freePort, startLab } from "lib/authoring/jupyter_lab.ts";

Deno.test("freePort() passes over a port that somebody listens at", () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 }),
    { port } = taken.addr as Deno.NetAddr;
  const free = freePort(port);
  taken.close();
  assert(free !== undefined && free > port && free < port + 100);
});

Deno.test("startLab() answers at its port with its token, until it is stopped", async () => {
  const port = freePort(18_900) ?? 0, lab = startLab({ port, token: "secret" });
  try {
    assertEquals(await lab.isReady(), true);
    assert(lab.address("notebooks/01_data.ipynb").endsWith("/01_data.ipynb?token=secret"));
    const answer = await fetch(`http://127.0.0.1:${port}/api/contents?token=wrong`);
    await answer.body?.cancel();
    assertEquals(answer.status, 403);
    // A second one does not take another port without a word.
    const second = startLab({ port, token: "other" });
    assertNotEquals((await second.status).code, 0);
  } finally {
    lab.stop();
    await lab.status;
  }
});
