import { assert, assertEquals, assertFalse } from "@std/assert";
import { isOwn, splitFindings } from "../../scripts/_doc_lint.ts";

const OUTPUT = `Checked 2 files
error[missing-jsdoc]: exported symbol is missing JSDoc documentation
 --> /somewhere/lib/core/a.ts:3:1

error[private-type-ref]: public type 'f' references private type 'Tensor'
 --> /somewhere/lib/core/a.ts:5:1

error[private-type-ref]: public type 'f' references private type 'Hidden'
 --> /somewhere/lib/core/a.ts:5:1

error: Found 3 documentation lint errors.
`;

Deno.test("splitFindings() gives one text a finding, without the summary", () => {
  const findings = splitFindings(OUTPUT);
  assertEquals(findings.map((finding) => /'(\w+)'$/m.exec(finding)?.[1]), [
    undefined,
    "Tensor",
    "Hidden",
  ]);
  assertEquals(splitFindings("Checked 2 files\n"), []);
});

Deno.test("isOwn() forgives the types of packages, and nothing else", () => {
  const sources = new Map([
    ["lib/core/a.ts", "interface Hidden { tensor: tf.Tensor }\nconst TypeTensor = 1;"],
    ["scripts/a.ts", "type Tensor = number;"],
  ]);
  const [missing = "", ofPackage = "", ofOurs = ""] = splitFindings(OUTPUT);
  assert(isOwn(missing, sources));
  assertFalse(isOwn(ofPackage, sources));
  assert(isOwn(ofOurs, sources));
});

Deno.test("isOwn() forgives a schema that has no type by hand, and no other export", () => {
  const finding = (line: string) =>
    "error[missing-explicit-type]: exported symbol is missing an explicit type annotation\n" +
    ` --> /somewhere/lib/core/a.ts:20:14\n   | \n20 | ${line}\n   |              ^`;
  assertFalse(isOwn(finding("export const modelSchema = z.strictObject({"), new Map()));
  assert(isOwn(finding("export const modelSchema = strictObject({"), new Map()));
  assert(isOwn(finding("export const sizes = z.array(z.int());"), new Map()));
});
