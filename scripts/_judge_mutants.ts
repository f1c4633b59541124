/**
 * Judges mutants in a separate process, since some of them never end. Reads a variant from standard
 * input, and prints a line of JSON at the start and at the end of each mutant.
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { judge } from "lib/grade/mod.ts";
import { loadExercise } from "../course/check.ts";
import type { Variant } from "./_mutants.ts";
import { runModule } from "lib/authoring/mod.ts";

/** The object that Stryker's switches read. */
declare global {
  var __stryker__: { activeMutant?: string; hitCount?: number; hitLimit?: number } | undefined;
}

/**
 * The most times that a mutated place may be passed in one check; more count as an endless loop.
 */
const HIT_LIMIT = 1_000_000;

const switches = globalThis.__stryker__ ??= {}; // the instrumented code keeps this same object
const { code, mutants }: Variant = JSON.parse(await new Response(Deno.stdin.readable).text());
await useBackend({ onNotice: () => {} });
const functions = await runModule(code);
for (const { id, exercise: name } of mutants) {
  say({ id });
  const exercise = await loadExercise(name);
  Object.assign(switches, { activeMutant: id, hitCount: 0, hitLimit: HIT_LIMIT });
  const { wrong, finding, mistake } = await judge(exercise, functions[name]);
  delete switches.activeMutant;
  say({ id, isRefused: wrong.length > 0, finding, mistake });
}
Deno.exit(0);

function say(value: object): void {
  console.log(JSON.stringify(value));
}
