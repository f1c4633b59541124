import { assertEquals } from "@std/assert";
import { lacksBfloat16 } from "lib/backend/mod.ts";

Deno.test("lacksBfloat16() believes only a list of instructions", () => {
  assertEquals(lacksBfloat16(new Set()), false);
  assertEquals(lacksBfloat16(new Set(["avx2", "avx512f"])), true);
  for (const name of ["avx512_bf16", "amx_bf16", "bf16"]) {
    assertEquals(lacksBfloat16(new Set(["avx2", name])), false);
  }
});
