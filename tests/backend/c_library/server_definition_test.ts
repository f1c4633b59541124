import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { sessionConfig } from "lib/backend/c_library/native_context.ts";
import { serverDefinition, taskName } from "lib/backend/c_library/server_definition.ts";
import { python } from "../../support/python.ts";

Deno.test("serverDefinition() is what TensorFlow's own message classes read", () => {
  const spec = { addresses: ["a:1", "b:2", "c:3"], rank: 2 };
  const bytes = serverDefinition(spec, {
    session: sessionConfig(130, true),
    heartbeatSeconds: 4,
    startSeconds: 10,
  });
  const script = new URL("read_server.py", import.meta.url);
  assertEquals(JSON.parse(python(script, [], Buffer.from(bytes).toString("base64"))), {
    cluster: { job: [{ name: "worker", tasks: { 0: "a:1", 1: "b:2", 2: "c:3" } }] },
    jobName: "worker",
    taskIndex: 2,
    protocol: "grpc",
    defaultSessionConfig: {
      deviceCount: { GPU: 0 },
      intraOpParallelismThreads: 130,
      interOpParallelismThreads: 130,
      gpuOptions: { allowGrowth: true },
      experimental: {
        collectiveGroupLeader: taskName(0),
        coordinationConfig: {
          serviceType: "standalone",
          serviceLeader: taskName(0),
          enableHealthCheck: true,
          clusterRegisterTimeoutInMs: "10000",
          heartbeatTimeoutInMs: "4000",
          shutdownBarrierTimeoutInMs: "3000",
          coordinatedJobList: [{ name: "worker", numTasks: 3 }],
        },
      },
    },
  });
});
