/**
 * The texts have the form of TensorFlow 2.21's when such a thing happens; `faults_test.ts` makes it happen.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { explainLoss, explainStart, type Scene } from "lib/distributed/_explain.ts";

const spec = { addresses: ["a:1", "b:2", "c:3"], rank: 0 };
const limits = { start: 10, heartbeat: 4, stall: 7 };
const scene = (missing: number[], stall?: string): Scene => ({
  spec,
  limits,
  missing: () => Promise.resolve(missing),
  ...stall !== undefined && { checkStall: () => Promise.resolve(stall) },
});

const GONE =
  `Cannot run CollectiveReduceV2: UNAVAILABLE: Collective ops is aborted by: Socket closed
Additional GRPC error information from remote target /job:worker/replica:0/task:2 while calling /tensorflow.WorkerService/RecvBuf:
:{"grpc_status":14}
Additional GRPC error information from remote target /job:worker/replica:0/task:1 while calling /tensorflow.WorkerService/RecvBuf:
:{"grpc_status":14}`;

const SILENT =
  `UNAVAILABLE: Collective ops is aborted by: The following tasks are unhealthy (stopped sending heartbeats):
/job:worker/replica:0/task:1
/job:worker/replica:0/task:2
The tasks have crashed. Check the task logs for an earlier error`;

const LOSSES: Record<string, [message: string, scene: Scene, got: string]> = {
  "a rank that is gone, by the innermost call": [
    GONE,
    scene([1, 2]),
    "none from rank 1 (b:2): its",
  ],
  "ranks that are gone, and none is called": [
    "Socket closed",
    scene([1, 2]),
    "none from rank 1 (b:2), rank 2 (c:3): its",
  ],
  "ranks that send no heartbeats": [
    SILENT,
    scene([]),
    "no sign of life from rank 1 (b:2), rank 2 (c:3) for 4 s",
  ],
  "rank 0 that answers none": [
    "failed while calling /tensorflow.CoordinationService/Heartbeat: Deadline Exceeded",
    scene([]),
    "no sign of life from rank 0 (a:1) for 4 s",
  ],
  "a rank that is stuck": [
    "DEADLINE_EXCEEDED: Collective has timed out during execution",
    scene(
      [],
      "Barrier timed out. timed out task names:\n/job:worker/replica:0/task:2\n/job:worker/replica:0/task:0",
    ),
    "rank 2 (c:3) alive, but not where the others have waited for 7 s: it is stuck",
  ],
  "a rank with another number of ranks": [
    "INTERNAL: Device /job:worker/replica:0/task:1/device:CPU:0 is joining a group with size2, but that group has size 3",
    scene([]),
    "rank 1 told of 2 ranks, and others of 3",
  ],
  "something else": ["INTERNAL: out of paper\nmore", scene([]), 'got "INTERNAL: out of paper"'],
};

for (const [name, [message, about, got]] of Object.entries(LOSSES)) {
  Deno.test(`explainLoss() names ${name}`, async () => {
    const error = await explainLoss(new Error(message), about);
    assertStringIncludes(error.message, "Cannot go on: expected all 3 ranks to answer, got ");
    assertStringIncludes(error.message, got);
    assertStringIncludes(error.message, ". The other ranks end too: start all of them again");
    assertEquals(error.message.split("\n").length, 1);
  });
}

const STARTS: Record<string, [error: Error | undefined, missing: number[], got: string]> = {
  "an absent rank": [
    undefined,
    [2],
    "Cannot start: expected all 3 ranks within 10 s, got no answer from rank 2 (c:3); start what is missing",
  ],
  "the absent one when another gives up first": [
    new Error("UNAVAILABLE: Socket closed"),
    [1],
    "got no answer from rank 1 (b:2); start",
  ],
  "a foreign program": [
    undefined,
    [],
    "got an answer at each address, but not from all ranks of this run (a:1, b:2, c:3)",
  ],
  "a port in use": [
    new Error("UNKNOWN: Could not start gRPC server"),
    [],
    "Cannot start rank 0: expected the port of its address a:1 to be free, got one in use",
  ],
};

for (const [name, [error, missing, text]] of Object.entries(STARTS)) {
  Deno.test(`explainStart() names ${name}`, async () => {
    const { message, cause } = await explainStart(error, scene(missing));
    assertStringIncludes(message, text);
    assertEquals(cause, error);
  });
}
