import jasmineCore from "jasmine-core";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { tensorFlowBinding, useBackend } from "lib/backend/use_backend.ts";
import {
  bundleTests,
  type ConformanceGlobals,
  STAND_IN_PREFIX,
  type TestBundle,
} from "./bundle.ts";
import { readIgnoreList } from "./ignore_list.ts";
import { LEFT_OUT_GROUPS } from "./shipped_tests.ts";
import type { ConformanceResult, FailedTest } from "./verdict.ts";

/** The part of jasmine's environment that is used here; the package has no types. */
interface JasmineEnvironment extends Record<string, unknown> {
  clearReporters(): void;
  addReporter(reporter: { specDone(result: SpecResult): void }): void;
  configure(settings: { random: boolean; specFilter(spec: Spec): boolean }): void;
  execute(): Promise<unknown>;
}

interface Spec {
  getFullName(): string;
}

interface SpecResult {
  readonly fullName: string;
  readonly status: "passed" | "failed" | "excluded" | "pending";
  readonly failedExpectations: readonly { readonly message: string }[];
}

const GLOBALS = [
  ...["describe", "it", "fdescribe", "fit", "xdescribe", "xit"],
  ...["beforeEach", "afterEach", "beforeAll", "afterAll"],
  ...["expect", "expectAsync", "spyOn", "fail", "pending"],
];

/**
 * Runs the tests that TensorFlow.js ships on the binding that {@linkcode useBackend} opens.
 *
 * It changes the process's global object and its console for good: a process runs it alone.
 *
 * @param root The root of the project.
 * @returns The counts and the failures.
 */
export async function runShippedTests(root: string): Promise<ConformanceResult> {
  await useBackend({ backend: "tensorflow" });
  const environment = installJasmine();
  const ignored = readIgnoreList(
    await Deno.readTextFile(
      join(root, "node_modules/@tensorflow/tfjs-node-gpu/src/run_tests.ts"),
    ),
  );
  Object.assign(globalThis, { conformanceRequire: moduleLoader() } satisfies ConformanceGlobals);
  // The tests of profiling and of deprecated functions print as they should.
  Object.assign(globalThis.console, { log() {}, warn() {}, info() {} });
  const bundle: TestBundle = await import(pathToFileURL(await bundleTests(root)).href);
  for (const defineTests of bundle.files) await defineTests();

  const failures: FailedTest[] = [], counts = { passed: 0, failed: 0, excluded: 0, pending: 0 };
  environment.clearReporters();
  environment.addReporter({
    specDone({ fullName, status, failedExpectations: [first] }) {
      counts[status]++;
      if (status === "failed") failures.push({ name: fullName, message: first?.message ?? "" });
    },
  });
  environment.configure({
    random: false,
    specFilter(spec) {
      const name = spec.getFullName();
      return !ignored.some((part) => name.includes(part)) &&
        !Object.keys(LEFT_OUT_GROUPS).some((group) => name.startsWith(group));
    },
  });
  await environment.execute();
  const { passed, failed, excluded, pending } = counts;
  return { passed, failed, ignored: excluded + pending, failures };
}

/** Puts jasmine's functions where the tests look for them. */
function installJasmine(): JasmineEnvironment {
  const jasmine = jasmineCore.boot(jasmineCore);
  const environment: JasmineEnvironment = jasmine.getEnv();
  Object.assign(globalThis, { jasmine });
  for (const name of GLOBALS) {
    // Each of these names is a method of the environment.
    const method = environment[name] as (...values: unknown[]) => unknown;
    Object.assign(globalThis, { [name]: method.bind(environment) });
  }
  return environment;
}

/** Loads what the bundle leaves outside: from tfjs-node's own folder, or a stand-in. */
function moduleLoader(): (name: string) => unknown {
  const own = createRequire(import.meta.resolve("@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js"));
  const standIns: Record<string, () => unknown> = {
    "@mapbox/node-pre-gyp": () => ({ find: () => `${STAND_IN_PREFIX}binding` }),
    binding: tensorFlowBinding,
    index: () => ({ ...tf, ...own("./node.js") }),
    tmp: () => ({ dirSync: () => ({ name: Deno.makeTempDirSync() }) }),
    rimraf: () => (path: string, done: (error?: unknown) => void) =>
      Deno.remove(path, { recursive: true }).then(() => done(), done),
  };
  return (name) => {
    const standIn = name.startsWith(STAND_IN_PREFIX) &&
      standIns[name.slice(STAND_IN_PREFIX.length)];
    return standIn ? standIn() : own(name);
  };
}
