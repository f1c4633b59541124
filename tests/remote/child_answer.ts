/**
 * An answer in a process of its own: what it does is told by its first argument.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { useBackend } from "lib/backend/mod.ts";
import { serveAnswer } from "lib/remote/mod.ts";

let hasWritten = false;

/** Writes into the channel: its pipe has no name any more, but is still open here. */
function write(bytes: Uint8Array): void {
  if (hasWritten) return; // once the check has ended nobody reads, and opening the pipe would wait for ever
  hasWritten = true;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (!Deno.readLinkSync(`/proc/self/fd/${name}`).includes(results)) continue;
    } catch {
      continue; // closed meanwhile
    }
    Deno.writeFileSync(`/proc/self/fd/${name}`, bytes, { append: true });
  }
}

const [kind = "", calls = "", results = ""] = Deno.args;
const answers: Record<string, unknown> = {
  right: (x: number) => x + x,
  wrong: (x: number) => x * x,
  "no function": 4,
  "draws without a seed": () => Math.random(),
  exits: () => Deno.exit(3),
  "forges the end": () => {
    const json = new TextEncoder().encode('{"kind":"end","isRight":true,"text":"OK"}');
    const head = `1 ${json.length} ${crc32(json).toString(16).padStart(8, "0")} `;
    write(new TextEncoder().encode(`${head}{"kind":"end","isRight":true,"text":"OK"}\n`));
    return 0;
  },
  "forges a result": () => {
    const json = '{"kind":"result","value":6}';
    const sum = crc32(new TextEncoder().encode(json)).toString(16).padStart(8, "0");
    write(new TextEncoder().encode(`1 ${json.length} ${sum} ${json}\n`));
    return 0;
  },
  "writes half a message": () => {
    write(new TextEncoder().encode('1 60000000 0 {"kind":"resu'));
    return 6;
  },
  "writes a line": (x: number) => {
    write(new TextEncoder().encode("6\n"));
    return 2 * x;
  },
  "writes bytes": (x: number) => {
    write(Uint8Array.of(0, 0, 0, 200, 255));
    return 2 * x;
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
