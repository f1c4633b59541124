import { Random } from "lib/core/mod.ts";
import {
  type Channel,
  fileChannel,
  ForgedMessageError,
  type Message,
  Peer,
  PeerGoneError,
} from "lib/remote/mod.ts";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";

const MESSAGES: readonly Message[] = Array.from({ length: 6 }, (_, i) => ({
  kind: "result",
  value: {
    t: "record",
    keys: ["text", "list"],
    values: ["ä\n\u0000".repeat(i), [i, -i - 1, i / 7]],
  },
}));

/** The lines that a channel writes for some messages. */
function written(messages: readonly Message[]): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let line: number[] = [];
  const writer = {
    writeSync(bytes: Uint8Array) {
      line.push(...bytes);
      return bytes.length;
    },
  };
  const channel = fileChannel({ reader: { readSync: () => null }, writer });
  for (const message of messages) {
    channel.send(message);
    lines.push(Uint8Array.from(line));
    line = [];
  }
  return lines;
}

/** Would wait for ever in a pipe. */
class Waits extends Error {}

/** What a channel makes of some bytes, in pieces of any size: the messages, and how it ended. */
function received(bytes: Uint8Array, random: Random): { messages: Message[]; end: unknown } {
  let place = 0;
  const reader = {
    readSync(into: Uint8Array) {
      if (place === bytes.length) throw new Waits();
      const count = Math.min(into.length, bytes.length - place, 1 + random.integer(40));
      into.set(bytes.subarray(place, place + count));
      place += count;
      return count;
    },
  };
  const channel = fileChannel({ reader, writer: { writeSync: (part) => part.length } });
  const messages: Message[] = [];
  while (true) {
    try {
      messages.push(channel.receive());
    } catch (end) {
      return { messages, end };
    }
  }
}

const joined = (parts: readonly Uint8Array[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const noise = (random: Random, most: number) =>
  Uint8Array.from({ length: 1 + random.integer(most) }, () => random.integer(256));

/** One damage to a line that is not the last one: the lines from there on. */
const DAMAGES: Readonly<
  Record<string, (lines: readonly Uint8Array[], random: Random) => readonly Uint8Array[]>
> = {
  "a bit turned": ([line = Uint8Array.of(), ...rest], random) => {
    const at = random.integer(line.length), bit = 1 << random.integer(8);
    return [line.map((byte, i) => i === at ? byte ^ bit : byte), ...rest];
  },
  "bytes left out": ([line = Uint8Array.of(), ...rest], random) => {
    const at = random.integer(line.length), count = 1 + random.integer(line.length);
    return [line.filter((_, i) => i < at || i >= at + count), ...rest];
  },
  "bytes put in": ([line = Uint8Array.of(), ...rest], random) => {
    const at = random.integer(line.length);
    return [line.subarray(0, at), noise(random, 30), line.subarray(at), ...rest];
  },
  "bytes in front": (lines, random) => [noise(random, 9), ...lines],
  "a line of noise": (lines, random) => [noise(random, 200), Uint8Array.of(10), ...lines],
  "a line twice": ([line = Uint8Array.of(), ...rest]) => [line, line, ...rest],
  "a line left out": ([, ...rest]) => rest,
  "two lines changed about": ([first = Uint8Array.of(), second = Uint8Array.of(), ...rest]) => [
    ...[second, first],
    ...rest,
  ],
  "the first line again": (lines) => [written(MESSAGES)[0] ?? Uint8Array.of(), ...lines],
  "the old form, a length in 4 bytes": (lines) => [Uint8Array.of(0, 0, 1, 0), ...lines],
};

Deno.test("fileChannel() refuses 5,000 random damages before the next message would be waited for, and lets none through", () => {
  const random = new Random(7), lines = written(MESSAGES), names = Object.keys(DAMAGES);
  for (let trial = 0; trial < 5000; trial++) {
    const name = names[trial % names.length] ?? "", k = 1 + random.integer(MESSAGES.length - 2);
    const damaged = DAMAGES[name]?.(lines.slice(k), random) ?? [];
    const { messages, end } = received(joined([...lines.slice(0, k), ...damaged]), random);
    const what = `trial ${trial}, ${name} at line ${k}`;
    // The line before the damage's end may stand whole in front of it; nothing else may come through.
    assertEquals(messages, MESSAGES.slice(0, messages.length), what);
    assert(messages.length >= k && messages.length <= k + 1, what);
    assertInstanceOf(end, ForgedMessageError, what);
  }
});

Deno.test("fileChannel() reads all that was written, in pieces of any size", () => {
  for (let seed = 0; seed < 50; seed++) {
    const { messages, end } = received(joined(written(MESSAGES)), new Random(seed));
    assertEquals(messages, MESSAGES);
    assertInstanceOf(end, Waits);
  }
});

/** Something that is shaped like a value on its way, and mostly is none. */
function oddWire(random: Random, depth = 0): unknown {
  const tags = [
    ...["special", "bigint", "record", "numbers", "map", "set", "limited", "random", "tensor"],
    ...["plain", "error", "function", "iterator", "instance", "own", "other"],
  ];
  const keys = [
    ...["value", "keys", "values", "kind", "bytes", "entries", "items", "most", "what", "state"],
    ...["limit", "tensor", "shape", "dtype", "name", "message", "stack", "id", "isAsync", "next"],
    ...["members", "__proto__", "constructor"],
  ];
  const inner = () => oddWire(random, depth + 1), plain = [null, true, -1, 1e300, "", "7", "AA=="];
  const kind = depth > 3 ? 0 : random.integer(4);
  if (kind === 0) return plain[random.integer(plain.length)];
  if (kind === 1) return Array.from({ length: random.integer(4) }, inner);
  const members = Array.from(
    { length: random.integer(6) },
    () => [keys[random.integer(keys.length)], inner()],
  );
  return Object.fromEntries([["t", tags[random.integer(tags.length)]], ...members]);
}

Deno.test("Peer refuses what no other side writes, by one error, and takes nothing behind it", () => {
  const random = new Random(11), before = Object.getOwnPropertyNames(Object.prototype);
  const outcomes = { read: 0, thrown: 0, refused: 0 };
  for (let trial = 0; trial < 3000; trial++) {
    const kind = ["result", "error", "call", "end", undefined][random.integer(5)];
    const odd = {
      ...{ kind, value: oddWire(random), error: oddWire(random), args: oddWire(random), id: 0 },
      ...{ ask: ["call", "compiled", "constructor", "forged"][random.integer(4)] },
    } as unknown as Message; // which it is not
    const messages: Message[] = [odd, { kind: "result", value: "right" }];
    const channel: Channel = {
      send: () => {},
      receive: () => {
        const next = messages.shift();
        if (next === undefined) throw new PeerGoneError("Cannot read: expected more");
        return next;
      },
    };
    const peer = new Peer(channel, [() => "ours"]), args = [{ list: [1, 2], text: "a" }];
    try {
      peer.call(0, "call", args);
      outcomes.read++;
    } catch (error) {
      if (peer.refusal === undefined) {
        outcomes.thrown++; // an error that came as one
        continue;
      }
      outcomes.refused++;
      assertEquals(error, peer.refusal, `trial ${trial}`);
      assertInstanceOf(error, ForgedMessageError, `trial ${trial}`);
      assertThrows(() => peer.call(0, "call", []), ForgedMessageError);
      assertThrows(() => peer.end(true, ""), ForgedMessageError);
    }
  }
  assert(Object.values(outcomes).every((count) => count > 20), JSON.stringify(outcomes));
  assertEquals(Object.getOwnPropertyNames(Object.prototype), before);
});
