import { typeErrorsIn } from "lib/classroom/mod.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { assertEquals } from "@std/assert";

Deno.test("typeErrorsIn() gives each error's cell and line; a name that is declared again is none", async () => {
  const cells = [
    { id: "a", source: "const x = 1;\nconst y: string = x;" },
    { id: "b", source: "const x = 2;" },
    { id: "c", source: "[1].lenght;" },
  ];
  const found = await typeErrorsIn(cells, `${ROOT}/notebooks/.types-${Deno.pid}.ts`);
  assertEquals(found.map(({ cell, line }) => [cell, line]), [["a", 2], ["c", 1]]);
});
