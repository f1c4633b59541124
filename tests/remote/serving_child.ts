/**
 * Serves the answers of exercises to a test: function 0 is the answer, function 1 chooses which.
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { type AnyFunction, questionsOf, refuseMathRandom } from "lib/grade/mod.ts";
import { fileChannel, Peer } from "lib/remote/mod.ts";
import { loadExercise } from "../../course/check.ts";

await useBackend({ onNotice: () => {} });
Math.random = refuseMathRandom;
const [calls = "", results = ""] = Deno.args;
const reader = Deno.openSync(calls, { read: true }),
  writer = Deno.openSync(results, { write: true });
let chosen: AnyFunction = () => undefined;
const answer: AnyFunction = (...args) => chosen(...args);
const choose = async (name: string, index: number) => {
  const { reference, mistakes, styles } = await loadExercise(name);
  const all = [reference, ...Object.values(mistakes).flat(), ...Object.values(styles)];
  chosen = (all[index] ?? reference) as AnyFunction; // any function can be called
};
const observe = async (name: string, place: number) =>
  await questionsOf(await loadExercise(name))[place]?.ask(answer);
await new Peer(fileChannel({ reader, writer }), [answer, choose, observe]).serve();
