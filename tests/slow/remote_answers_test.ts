import { exerciseFiles } from "../../course/check.ts";
import { differentVerdicts } from "../remote/same_verdicts.ts";
import { assertEquals } from "@std/assert";

for (const notebook of ["01_data", "02_model", "03_loop"]) {
  Deno.test(`${notebook}: every answer is judged in another process as it would be here`, async () => {
    assertEquals(await differentVerdicts([...exerciseFiles(notebook).keys()]), []);
  });
}
