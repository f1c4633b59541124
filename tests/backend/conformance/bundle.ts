import * as esbuild from "esbuild";
import { join } from "node:path";
import { APPLICABLE } from "./shipped_tests.ts";

/** The name by which the bundle asks {@linkcode ConformanceGlobals} for its own stand-ins. */
export const STAND_IN_PREFIX = "conformance:";

/** What the bundle finds in the global object. */
export interface ConformanceGlobals {
  /** Loads the modules that stay outside the bundle. */
  conformanceRequire(name: string): unknown;
}

/** What the bundle exports: each function defines one file's tests. */
export interface TestBundle {
  /** The tests, in order. */
  readonly files: readonly (() => Promise<unknown>)[];
}

/** Modules that the tests of tfjs-node ask for and that {@linkcode ConformanceGlobals} supplies. */
const STAND_INS = /^(@mapbox\/node-pre-gyp|tmp|rimraf|\.\/index)$/;

/** Modules that must be the running program's own, not copies in the bundle. */
const OUTSIDE = /^(@tensorflow\/tfjs|\.\/(nodejs_kernel_backend|int64_tensors|image))$/;

/**
 * Bundles the tests that TensorFlow.js ships into one ES module, unless it lies there already.
 *
 * They are written in a form that no runtime loads as it lies. TensorFlow.js, tfjs-node's backend
 * and the binding stay outside, so that the tests meet what a program meets.
 *
 * @param root The root of the project, which holds `node_modules`.
 * @returns The path of the bundle, under `build/`, which is made anew when its inputs change.
 */
export async function bundleTests(root: string): Promise<string> {
  const folder = join(root, "build", "conformance");
  const output = join(folder, "tests.mjs"), keyFile = join(folder, "key");
  const key = await inputKey(root);
  if (await readText(keyFile) === key) return output;
  const packages = join(root, "node_modules", "@tensorflow");
  await esbuild.build({
    stdin: { contents: entry(join(packages, "tfjs-node-gpu", "dist")), resolveDir: root },
    outfile: output,
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    // The packages declare most files free of side effects, and a test is nothing but one.
    ignoreAnnotations: true,
    logLevel: "error",
    plugins: [{ name: "outside", setup: keepOutside }],
    banner: { js: 'const require = globalThis.conformanceRequire, __dirname = "/";' },
  });
  await esbuild.stop();
  await Deno.writeTextFile(keyFile, key);
  return output;
}

function entry(nodeTests: string): string {
  const files = ["@tensorflow/tfjs-core/dist/tests", ...APPLICABLE.map((f) => join(nodeTests, f))];
  return `
    import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
    import "@tensorflow/tfjs-core/dist/register_all_gradients";
    import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
    setTestEnvs([
      { name: "test-tensorflow", backendName: "tensorflow", flags: {}, isDataSync: true },
    ]);
    export const files = [${files.map((file) => `() => import(${JSON.stringify(file)})`)}];
  `;
}

function keepOutside(build: esbuild.PluginBuild): void {
  build.onResolve({ filter: /./ }, ({ path, importer }) => {
    if (!importer.includes("tfjs-node-gpu")) return undefined; // tfjs-core's tests bring their own
    if (OUTSIDE.test(path)) return { path, external: true };
    if (!STAND_INS.test(path)) return undefined;
    return { path: STAND_IN_PREFIX + path.replace("./", ""), external: true };
  });
}

/** Changes whenever the bundle would: with the versions of the packages and with this file. */
async function inputKey(root: string): Promise<string> {
  const inputs = await Promise.all([
    ...["@tensorflow/tfjs-core", "@tensorflow/tfjs-node-gpu", "esbuild"].map((name) =>
      join(root, "node_modules", name, "package.json")
    ),
    ...["bundle.ts", "shipped_tests.ts"].map((name) =>
      join(root, "tests", "backend", "conformance", name)
    ),
  ].map((path) => Deno.readTextFile(path)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(inputs.join("\0")));
  return new Uint8Array(digest).toHex();
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
