import { assertEquals } from "@std/assert";
import { permute } from "lib/backend/arrays/permute.ts";
import { Random } from "lib/core/mod.ts";

/** The plainest way: each element by the places of its axes. */
function permutedByHand(
  input: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): number[] {
  const strideOf = (axis: number) =>
    shape.slice(axis + 1).reduce((size, length) => size * length, 1);
  const sizes = order.map((axis) => shape[axis] ?? 1);
  return Array.from(input, (_, place) => {
    let rest = place, from = 0;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      const length = sizes[axis] ?? 1;
      from += (rest % length) * strideOf(order[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    return input[from] ?? NaN;
  });
}

function assertPermuted(shape: readonly number[], order: readonly number[]): void {
  const size = shape.reduce((product, length) => product * length, 1);
  const input = Float32Array.from({ length: size }, (_, i) => i + 1),
    output = new Float32Array(size);
  permute(input, output, shape, order);
  assertEquals([...output], permutedByHand(input, shape, order), `[${shape}] as [${order}]`);
}

Deno.test("permute() moves every element to its place, for random shapes and orders", () => {
  const random = new Random(1);
  for (let round = 0; round < 300; round++) {
    const rank = random.integer(6), order = Array.from({ length: rank }, (_, axis) => axis);
    for (let i = rank - 1; i > 0; i--) {
      const j = random.integer(i + 1), kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    assertPermuted(Array.from({ length: rank }, () => 1 + random.integer(5)), order);
  }
});

Deno.test("permute() moves whole rows, matrices larger than a tile, and nothing", () => {
  assertPermuted([7, 40], [1, 0]);
  assertPermuted([40, 33], [1, 0]);
  assertPermuted([3, 35, 18], [0, 2, 1]);
  assertPermuted([3, 5, 30], [1, 0, 2]);
  assertPermuted([4, 3, 2, 17, 5], [2, 0, 3, 1, 4]);
  assertPermuted([2, 0, 3], [2, 1, 0]);
  assertPermuted([1, 1], [1, 0]);
});
