import { judgeMutants } from "../../scripts/_mutant_verdicts.ts";
import { mutateNotebook, notebookNames } from "../../scripts/_mutants.ts";
import { exerciseModule } from "lib/authoring/mod.ts";
import { Random } from "lib/core/mod.ts";
import { assertEquals, assertGreater } from "@std/assert";

/** How many mutants of each notebook the tests look at; `./denow task mutants` looks at all. */
const SAMPLE = 30;

for (const name of notebookNames()) {
  const { variants } = await mutateNotebook(name);

  Deno.test(`${name}: its solutions have mutants of each kind`, () => {
    const exercises = exerciseModule(name, "solution").lines.size;
    for (const { mutants } of variants) assertGreater(mutants.length, exercises);
    const changes = variants.flatMap(({ mutants }) => mutants.map(({ change }) => change));
    assertEquals(changes.filter((change) => !change.includes(" → ")), []);
  });

  Deno.test(`${name}: the checks refuse ${SAMPLE} mutants that are no equal functions`, async () => {
    const all = variants.flatMap(({ mutants }, variant) =>
      mutants.map((mutant) => ({ variant, mutant }))
    );
    const chosen = new Set(new Random(all.length).shuffle(all).slice(0, SAMPLE));
    const judged = await Promise.all(variants.map(({ code }, variant) =>
      judgeMutants({
        code,
        mutants: all.filter((one) => chosen.has(one) && one.variant === variant).map(({ mutant }) =>
          mutant
        ),
      })
    ));
    const accepted = judged.flat().filter(({ outcome, reason }) =>
      outcome === "accepted" && reason === undefined
    );
    assertEquals(accepted.map(({ exercise, change }) => `${exercise}: ${change}`), []);
  });
}

Deno.test("judgeMutants() counts a mutant that never ends, and goes on after it", async () => {
  const code = `
    const isOn = (id) => globalThis.__stryker__?.activeMutant === id;
    const never = new Int32Array(new SharedArrayBuffer(4)); // waiting takes no processor, as counting would
    export function padBatch() {
      while (isOn("endless")) Atomics.wait(never, 0, 0, 100);
      return isOn("empty") ? {} : undefined;
    }`;
  const mutants = ["endless", "empty"].map((id) => ({ id, exercise: "padBatch", change: id }));
  const verdicts = await judgeMutants({ code, mutants }, { longestMs: 8000 });
  assertEquals(verdicts.map(({ outcome }) => outcome), ["endless", "refused"]);
  assertEquals(
    verdicts[1]?.finding,
    "expected the result to be { ids, mask, labels, shape }, got {}",
  );
});
