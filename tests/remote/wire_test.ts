import { Random } from "lib/core/mod.ts";
import { CountingRandom, limitedList, limitOf } from "lib/grade/mod.ts";
import {
  type Channel,
  fileChannel,
  ForgedMessageError,
  type Message,
  Peer,
  PeerGoneError,
  remoteAnswer,
} from "lib/remote/mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";

/** A file in memory: what is written can be read. */
function memoryFile() {
  let bytes: number[] = [];
  return {
    writeSync: (more: Uint8Array) => {
      const few = more.subarray(0, 7); // a pipe may take less than it is given
      bytes = [...bytes, ...few];
      return few.length;
    },
    readSync: (into: Uint8Array) => {
      const some = bytes.splice(0, Math.min(5, into.length));
      into.set(some);
      return some.length === 0 ? null : some.length;
    },
  };
}

/** Two sides in one process: whoever waits lets the other side answer. */
function connected(own: readonly ((...args: never[]) => unknown)[]): Peer {
  const here: Message[] = [], there: Message[] = [];
  const far: Channel = {
    send: (message) => void here.push(message),
    receive: () => taken(there, near),
  };
  const other = new Peer(far, own);
  const near = new Peer({
    send: (message) => void there.push(message),
    receive: () => taken(here, other),
  });
  return near;
}

/** The next message; where none waits the other side answers first. */
function taken(messages: Message[], side: Peer): Message {
  if (messages.length === 0) side.answerNext();
  const message = messages.shift();
  assert(message !== undefined, "an answer");
  return message;
}

const echo = (value: unknown) => value;
const through = (value: unknown) => connected([echo]).call(0, "call", [value]);

Deno.test("a value is the same on the other side, whatever JSON would lose", () => {
  const values: unknown[] = [
    ...[undefined, null, NaN, -Infinity, -0, 12n, "ä\u0000", true],
    ...[[1, [2, undefined]], { a: { b: [] } }, Int32Array.of(1, -2), Float32Array.of(0.5)],
    ...[new Map<unknown, unknown>([["a", [1]], [2, null]]), new Set([1, "b"])],
  ];
  for (const value of values) assertEquals(through(value), value);
  const inert = through(JSON.parse('{"__proto__": {"isAdmin": true}}'));
  assertEquals(Object.keys(inert as object), ["__proto__"]);
  assertEquals((inert as { isAdmin?: boolean }).isAdmin, undefined);
});

Deno.test("generators go on where they were, and what a call changes in its arguments changes here", () => {
  const random = new Random(3), expected = new Random(3);
  const peer = connected([(list: number[], random: Random) => {
    list.sort();
    return random.integer(1000);
  }]);
  const list = [3, 1, 2];
  assertEquals(peer.call(0, "call", [list, random]), expected.integer(1000));
  assertEquals(random.integer(1000), expected.integer(1000));
  assertEquals(list, [1, 2, 3]);
  const counting = new CountingRandom(1, 2);
  const draw = connected([(random: Random) => random.uint32()]);
  for (const _ of [1, 2]) draw.call(0, "call", [counting]);
  assertThrows(() => draw.call(0, "call", [counting]), Error, "your loop drew 3 random numbers");
});

Deno.test("a list that ends loops without end does so on the other side", () => {
  const lengths = limitedList([3], 10, "a length");
  assertEquals(limitOf(lengths)?.most, 10);
  assertEquals(limitOf([3]), undefined);
  const peer = connected([(list: number[]) => {
    while (list[0] === 3);
  }]);
  assertThrows(
    () => peer.call(0, "call", [lengths]),
    Error,
    "your loop asked 11 times for a length",
  );
});

Deno.test("functions call back, errors keep their kind, and what cannot be sent is refused", () => {
  const peer = connected([(twice: (x: number) => number) => twice(twice(3))]);
  assertEquals(peer.call(0, "call", [(x: number) => 2 * x]), 12);
  const failing = connected([() => {
    throw new RangeError("too far");
  }]);
  assertThrows(() => failing.call(0, "call", []), RangeError, "too far");
  assertThrows(() => connected([echo]).call(0, "call", [Symbol("a")]), TypeError, "got a symbol");
  const circle: unknown[] = [];
  circle.push(circle);
  assertThrows(() => connected([echo]).call(0, "call", [circle]), TypeError, "a circle");
});

Deno.test("remoteAnswer() is a function of the exercise's name", () => {
  const answer = remoteAnswer(connected([(x: number) => x + 1]), { name: "next", isAsync: false });
  assertEquals([answer.name, answer(...[1] as unknown as never[])], ["next", 2]);
});

Deno.test("fileChannel() puts messages together again, and says when the other process has ended", () => {
  const file = memoryFile(), channel = fileChannel({ reader: file, writer: file });
  const message: Message = { kind: "end", isRight: true, text: "ä".repeat(40) };
  channel.send(message);
  assertEquals(channel.receive(), message);
  assertThrows(() => channel.receive(), PeerGoneError, "got the end of its process");
  for (let i = 0; i < 3; i++) file.writeSync(Uint8Array.of(255, 255, 10));
  assertThrows(() => channel.receive(), ForgedMessageError, "bytes that its channel did not write");
});
