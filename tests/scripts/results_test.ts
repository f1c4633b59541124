import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import {
  countConformance,
  countJunit,
  type Ending,
  formatResults,
  isGood,
  judge,
} from "../../scripts/_results.ts";

const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="6" failures="1" errors="1" time="0.014">
    <testsuite name="./a_test.ts" tests="6" disabled="2" errors="1" failures="1">
        <testcase name="passes" classname="./a_test.ts" time="0.005" line="2" col="6">
        </testcase>
        <testcase name="is ignored" classname="./a_test.ts" time="0.000" line="5" col="6">
            <skipped/>
        </testcase>
        <testcase name="is filtered out" classname="./a_test.ts" line="5" col="6">
            <skipped/>
        </testcase>
        <testcase name="fails: tests=&quot;9&quot;" classname="./a_test.ts" time="0.001">
            <failure message="Uncaught Error: x">Error: &lt;testsuites tests="9"></failure>
        </testcase>
        <testcase name="is cancelled" classname="./a_test.ts" time="0.000" line="6" col="6">
            <error message="Cancelled"/>
        </testcase>
        <testcase name="passes &gt; a step" classname="./a_test.ts" time="0.000" line="4" col="39">
        </testcase>
    </testsuite>
</testsuites>
`;

const GOOD: Ending = {
  code: 0,
  signal: null,
  seconds: 1.25,
  counts: { passed: 3, failed: 0, skipped: 1 },
};

Deno.test("countJunit() counts tests and steps, and takes filtered ones for no tests", () => {
  const { failures, ...counts } = countJunit(JUNIT);
  assertEquals(counts, { passed: 2, failed: 2, skipped: 1 });
  assertEquals(failures, [
    './a_test.ts: fails: tests="9"\n    Uncaught Error: x\n    Error: <testsuites tests="9">',
    "./a_test.ts: is cancelled\n    Cancelled",
  ]);
  assertStringIncludes(
    formatResults([{ name: "a", seconds: 1, ...counts, ...(failures && { failures }) }]),
    "\nfailed: ./a_test.ts: is cancelled\n    Cancelled\n\n2 passed, 2 failed, 1 skipped",
  );
});

Deno.test("countJunit() refuses a report that was cut short", () => {
  for (const length of [0, 60, 200, JUNIT.length - 5]) {
    assertThrows(() => countJunit(JUNIT.slice(0, length)), SyntaxError, "expected a whole JUnit");
  }
});

Deno.test("countConformance() counts, and refuses what lacks a count", () => {
  const report = '{"passed": 3876, "failed": 2, "known": 1, "ignored": 352, "failures": []}';
  assertEquals(countConformance(report), { passed: 3876, failed: 1, skipped: 353 });
  assertThrows(() => countConformance('{"passed": 1}'), SyntaxError, "passed, failed, known");
  assertThrows(() => countConformance('{"passed": 1,'), SyntaxError);
});

Deno.test("judge() makes a failure of every way not to have run", () => {
  const none = { passed: 0, failed: 0, skipped: 4 };
  const endings: [ending: Partial<Ending>, problem: string][] = [
    [{ counts: undefined }, "ended with exit status 0 and left no report: see above"],
    [{ counts: undefined, code: 1 }, "ended with exit status 1 and left no report: see above"],
    [{ code: 1 }, "ended with exit status 1, though no test failed"],
    [{ counts: none }, "ran no test"],
    [
      { code: 137, signal: "SIGKILL", counts: undefined },
      "ended by SIGKILL (killed, perhaps for want of memory); tests after that did not run",
    ],
    [
      { code: 139 },
      "ended with exit status 139 (segmentation fault); tests after that did not run",
    ],
  ];
  for (const [ending, problem] of endings) {
    const result = judge("unit tests", { ...GOOD, ...ending });
    assertEquals([result.failed, result.problem], [1, problem]);
    assertFalse(isGood([result]));
  }
});

Deno.test("judge() leaves counts alone where a part ran", () => {
  assertEquals(judge("a", GOOD), { name: "a", passed: 3, failed: 0, skipped: 1, seconds: 1.25 });
  const counts = { passed: 1, failed: 2, skipped: 0 };
  assertEquals(judge("a", { ...GOOD, code: 1, counts }), { name: "a", ...counts, seconds: 1.25 });
});

Deno.test("isGood() takes no results for no success", () => {
  assert(isGood([judge("a", GOOD)]));
  assertFalse(isGood([]));
});

Deno.test("formatResults() ends with the true totals, alone on the last line", () => {
  const crashed = judge("unit tests", { ...GOOD, code: 137, counts: undefined });
  assertEquals(formatResults([judge("documentation", GOOD), crashed]).split("\n"), [
    "part           passed  failed  skipped  seconds",
    "documentation       3       0        1      1.3",
    "unit tests          0       1        0      1.3",
    "unit tests: ended with exit status 137 (killed, perhaps for want of memory); tests after that did not run",
    "",
    "3 passed, 1 failed, 1 skipped",
  ]);
  const counts = { passed: 3, failed: 0, skipped: 0 };
  assertEquals(
    formatResults([judge("a", { ...GOOD, counts })]).split("\n").at(-1),
    "3 passed, 0 failed",
  );
});
