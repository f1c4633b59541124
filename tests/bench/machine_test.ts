import { assertEquals, assertMatch } from "@std/assert";
import { bfloat16Remarks, describeMachine } from "../../bench/machine.ts";
import { missingCompiler, ROOT } from "../../bench/peer_environment.ts";

Deno.test("describeMachine() names the processor and its cores", () => {
  const { processor = "", memory = "" } = describeMachine();
  assertMatch(processor, /\w.*, \d+ cores$/);
  assertMatch(memory, /^\d+ GB/);
});

Deno.test("bfloat16Remarks() warns where a known processor has no such instructions", () => {
  assertEquals(bfloat16Remarks(new Set(["avx2", "avx512_bf16"])), []);
  assertEquals(bfloat16Remarks(new Set()), []); // nothing is known
  assertMatch(bfloat16Remarks(new Set(["avx2"])).join(" "), /no instructions for bfloat16/);
});

Deno.test("missingCompiler() names the compiler that torch.compile lacks", () => {
  const compiler = Deno.env.get("CXX") ?? "g++";
  assertEquals(
    missingCompiler(`${ROOT}tests:${ROOT}no-such-folder`),
    `torch.compile needs a C++ compiler: expected ${compiler}, found none`,
  );
});
