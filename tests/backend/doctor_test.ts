import { assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { diagnose, useBackend } from "lib/backend/mod.ts";

const info = await useBackend();

Deno.test("diagnose() finds this machine healthy, and proves its sums", async () => {
  const root = new URL("../..", import.meta.url).pathname;
  const { findings, isHealthy, gflops } = await diagnose({ root, seconds: 0.05 });
  assertEquals(findings.filter(({ problem }) => problem !== undefined), []);
  assertEquals(isHealthy, true);
  assertGreater(gflops, 0);
  const details = Object.fromEntries(findings.map(({ subject, detail }) => [subject, detail]));
  assertEquals(Object.keys(details), [
    ...["Deno", "environment", "disk", "TensorFlow", "backend", "devices"],
    ...["matrix product", "gradient", "seeded numbers", "speed"],
  ]);
  assertEquals(details["TensorFlow"], info.library);
  assertStringIncludes(details["backend"] ?? "", `${info.name} ${info.version} on ${info.device}`);
  assertStringIncludes(details["devices"] ?? "", "/device:CPU:0");
  assertEquals(
    details["matrix product"],
    "[1 2; 3 4] [5 6; 7 8] = 19 22 43 50, as it should be",
  );
  assertEquals(details["gradient"], "d(x^3)/dx at 1, 2, -3 = 3 12 27, as it should be");
  assertMatch(details["speed"] ?? "", /^[\d.e+]+ GFLOP\/s in matrix products of float32$/);
});

Deno.test("diagnose() says what a folder without an environment lacks, with the cure", async () => {
  const root = await Deno.makeTempDir();
  try {
    const { findings, isHealthy } = await diagnose({ root, seconds: 0 });
    assertEquals(isHealthy, false);
    assertEquals(findings.filter(({ problem }) => problem !== undefined), [{
      subject: "environment",
      detail: `${root}/.venv is missing`,
      problem:
        "Cannot rely on .venv: expected a finished installation\nCure: start through ./denow",
    }]);
    await Deno.mkdir(`${root}/.venv`);
    const again = await diagnose({ root, seconds: 0 });
    assertEquals(again.findings[1]?.detail, `${root}/.venv is incomplete`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("scripts/doctor.ts exits 1 without TensorFlow, and names places and cure", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "scripts/doctor.ts"],
    cwd: new URL("../..", import.meta.url).pathname,
    env: { TF_DIR: new URL(".", import.meta.url).pathname },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals([code, new TextDecoder().decode(stderr)], [1, ""]);
  assertMatch(text, /^!! {2}TensorFlow {6}failed\n {6}Cannot find TensorFlow: /m);
  assertStringIncludes(text, "TF_DIR=");
  assertStringIncludes(text, "Cure: install the project's packages");
  assertMatch(text, /^!! {2}backend {9}(wasm|webgpu) .*\n {6}TensorFlow's library is not used/m);
  assertMatch(text, /^ok {2}gradient /m);
  assertStringIncludes(text, "Something is wrong: see the lines marked !! and their cures.");
});
