import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { type TensorTree, useBackend } from "lib/backend/mod.ts";
import { flatten, leavesOf, unflatten } from "lib/backend/compiler/tensor_tree.ts";

await useBackend({ backend: "tensorflow" });
const x = tf.zeros([2, 3]), y = tf.scalar(1, "int32");

Deno.test("flatten() and unflatten() are inverse for every kind of nesting", () => {
  const trees: TensorTree[] = [
    x,
    [],
    {},
    [x, [y, [x]], {}],
    { a: x, "b.c": [y, { d: x, "": y }], 0: x },
    Object.assign(Object.create(null), { a: x }),
  ];
  for (const tree of trees) {
    const { leaves, tree: places } = flatten(tree);
    const back = unflatten(places, leaves);
    assertEquals(JSON.stringify(flatten(back).tree), JSON.stringify(places));
    assertEquals(flatten(back).leaves.every((leaf, place) => leaf === leaves[place]), true);
  }
  assertEquals(flatten({ b: [x, y], a: x }).leaves, [x, y, x]);
});

Deno.test("leavesOf() gives equal keys to equal trees, whatever the values", () => {
  const tree = () => ({ params: { w: tf.randomNormal([2, 3]) }, ids: [tf.scalar(3, "int32")] });
  assertEquals(leavesOf(tree()).key, leavesOf(tree()).key);
});

Deno.test("leavesOf() gives different keys to trees of different structure, shape or dtype", () => {
  const trees: TensorTree[] = [
    x,
    [x],
    { x },
    { y: x },
    [[x]],
    [x, x],
    [],
    {},
    [[], x],
    [x, []],
    tf.zeros([3, 2]),
    tf.zeros([6]),
    tf.zeros([1, 2, 3]),
    tf.zeros([2, 3], "int32"),
    tf.zeros([2, 3], "bool"),
    { a: x, b: x },
    { b: x, a: x },
    { "a.1.b": x, c: x },
    // Written without lengths, the next two would read alike, and so would the two after them.
    { p: { "a,b": x }, q: { c: x, d: x } },
    { p: { a: x, b: { "c,d": x } }, q: x },
    { "a;float32[2,3]": x },
    { a: x, "float32[2,3]": x },
  ];
  assertEquals(new Set(trees.map((tree) => leavesOf(tree).key)).size, trees.length);
});

Deno.test("flatten() refuses what is no tree of live tensors, and says where it stands", () => {
  const gone = tf.scalar(1);
  gone.dispose();
  const cases: [unknown, string][] = [
    [3, "got 3 at the input"],
    [undefined, "got undefined at the input"],
    [{ mask: undefined }, "got undefined at the input.mask"],
    [{ a: [x, { b: null }] }, "got null at the input.a[1].b"],
    [[x, () => x], "got a function at the input[1]"],
    [{ a: new Map([["w", x]]) }, "got Map at the input.a"],
    [Promise.resolve(x), "got Promise at the input"],
    [Float32Array.of(1), "got Float32Array at the input"],
    [{ w: gone }, "got a disposed one at the input.w"],
  ];
  for (const [tree, message] of cases) {
    // The type forbids these trees; a program without types may hold them.
    const wrong = tree as TensorTree;
    const text = "Cannot take the input apart: expected live tensors in arrays and plain records, ";
    assertThrows(() => flatten(wrong, "the input"), TypeError, text + message);
  }
});

Deno.test("unflatten() refuses too few tensors", () => {
  assertThrows(
    () => unflatten({ a: 0, b: [1] }, [x]),
    RangeError,
    "Cannot put tensors together: expected more than 1, got 1",
  );
});
