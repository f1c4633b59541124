/**
 * What a link does between processes, `tests/distributed/cluster_test.ts` shows.
 */
import { assert, assertRejects } from "@std/assert";
import { ClusterLink } from "lib/backend/mod.ts";
import { BackendError } from "lib/core/mod.ts";

Deno.test("ClusterLink.open() refuses where TensorFlow is not in use", async () => {
  const limits = { start: 1, heartbeat: 1, stall: 1 };
  const error = await assertRejects(
    () => ClusterLink.open({ addresses: ["127.0.0.1:1", "127.0.0.1:2"], rank: 0 }, limits),
    BackendError,
    "Cannot reach TensorFlow: expected it to be in use",
  );
  assert(error.code === "FAILED_PRECONDITION");
});
