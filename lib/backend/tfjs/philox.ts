const FIRST_MULTIPLIER = 0xd2511f53, SECOND_MULTIPLIER = 0xcd9e8d57;
const FIRST_KEY_STEP = 0x9e3779b9, SECOND_KEY_STEP = 0xbb67ae85;
const ROUNDS = 10;
/** A counter gives four words of 32 bits, with two numbers in each. */
const NUMBERS_A_COUNTER = 8;
const TWO_TO_32 = 2 ** 32;

/** How many different numbers {@linkcode philoxUniform} can give: the multiples of 2⁻¹⁶. */
export const UNIFORM_VALUES = 2 ** 16;

/**
 * Uniform float32 in [0, 1) from a seed and a stream, in steps of 2⁻¹⁶: the bits that TensorFlow's
 * `StatelessRandomUniformFullIntV2` gives for `alg = 1`, key = seed and counter = [0, stream], two
 * bytes per number.
 *
 * Philox4x32-10 turns counter n (128 bits; the upper half is the stream) into four uint32. These
 * give the numbers `8n` to `8n + 7`: from each uint32 first the low half, then the high half. So
 * each number depends only on its index, and can be computed without the numbers before it.
 *
 * @param seed Two int32: the low and the high half of the key.
 * @param options `size`: how many numbers; `stream`: an integer from 0 to 2^53 - 1.
 * @returns The numbers.
 *
 * @example
 * ```ts
 * import { philoxUniform } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const five = philoxUniform([1, 2], { size: 5, stream: 0 });
 * assertEquals(philoxUniform([1, 2], { size: 3, stream: 0 }), five.slice(0, 3));
 * ```
 *
 * Source: Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */
export function philoxUniform(
  seed: readonly [number, number],
  options: { readonly size: number; readonly stream: number },
): Float32Array<ArrayBuffer> {
  const { size, stream } = options;
  const uniform = new Float32Array(size), block = new Uint32Array(4);
  for (let start = 0; start < size; start += NUMBERS_A_COUNTER) {
    const counter = start / NUMBERS_A_COUNTER;
    block[0] = counter % TWO_TO_32;
    block[1] = counter / TWO_TO_32;
    block[2] = stream % TWO_TO_32;
    block[3] = stream / TWO_TO_32;
    scramble(block, seed);
    for (let place = 0; place < Math.min(NUMBERS_A_COUNTER, size - start); place++) {
      const word = block[place >>> 1] ?? 0, half = place % 2 === 0 ? word & 0xffff : word >>> 16;
      uniform[start + place] = half / UNIFORM_VALUES;
    }
  }
  return uniform;
}

/** Ten rounds of Philox4x32 on `block`, in place. */
function scramble(block: Uint32Array, seed: readonly [number, number]): void {
  let [a = 0, b = 0, c = 0, d = 0] = block;
  let firstKey = seed[0] >>> 0, secondKey = seed[1] >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const lowA = Math.imul(a, FIRST_MULTIPLIER), highA = multiplyHigh(a, FIRST_MULTIPLIER);
    const lowC = Math.imul(c, SECOND_MULTIPLIER), highC = multiplyHigh(c, SECOND_MULTIPLIER);
    a = (highC ^ b ^ firstKey) >>> 0;
    b = lowC >>> 0;
    c = (highA ^ d ^ secondKey) >>> 0;
    d = lowA >>> 0;
    firstKey = firstKey + FIRST_KEY_STEP >>> 0;
    secondKey = secondKey + SECOND_KEY_STEP >>> 0;
  }
  block.set([a, b, c, d]);
}

/** The upper 32 bits of the product of two uint32, by halves of 16 bits. */
function multiplyHigh(x: number, y: number): number {
  const xHigh = x >>> 16, xLow = x & 0xffff, yHigh = y >>> 16, yLow = y & 0xffff;
  const middle = xHigh * yLow + (xLow * yLow >>> 16); // below 2^32
  const carry = xLow * yHigh + (middle & 0xffff); // below 2^32
  return xHigh * yHigh + (middle >>> 16) + (carry >>> 16) >>> 0;
}
