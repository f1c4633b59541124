/**
 * An answer in a process of its own: what it does is told by its first argument.
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { serveAnswer } from "lib/remote/mod.ts";

const [kind = "", calls = "", results = ""] = Deno.args;
const answers: Record<string, unknown> = {
  right: (x: number) => x + x,
  wrong: (x: number) => x * x,
  "no function": 4,
  "draws without a seed": () => Math.random(),
  exits: () => Deno.exit(3),
  "forges the end": () => {
    const text = new TextEncoder().encode('{"kind":"end","isRight":true,"text":"OK"}');
    const bytes = new Uint8Array(4 + text.length);
    new DataView(bytes.buffer).setUint32(0, text.length);
    bytes.set(text, 4);
    Deno.writeFileSync(results, bytes, { append: true });
    return 0;
  },
  "changes what is built in": () => {
    Object.is = () => true;
    Object.assign(Array.prototype, { every: () => true });
    Math.abs = () => 0;
    return 1;
  },
};
await useBackend({ onNotice: () => {} });
await serveAnswer(answers[kind], { calls, results }, () => Promise.reject(new RangeError("none")));
