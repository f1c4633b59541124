/** Weights [layers][H][T asking][T looked at]; each row sums to 1. */
export type AttentionWeights = readonly (readonly (readonly (readonly number[])[])[])[];

/**
 * Packs attention into one byte per weight, 255 standing for 1; places after the asking one are
 * left out.
 *
 * @param attention Weights, as `inspect` of `lib/model` gives them.
 * @returns Base64, in the order layer, head, asking place, place looked at.
 *
 * @example
 * ```ts
 * import { packAttention, unpackAttention } from "lib/explore/packed_attention.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const map = [[1, 0], [0.2, 0.8]]; // 51 and 204 of 255
 * const packed = packAttention([[map]]);
 * assertEquals(unpackAttention(packed, { layers: 1, heads: 1, T: 2 }), [[map]]);
 * ```
 */
export function packAttention(attention: AttentionWeights): string {
  const weights = attention.flat().flatMap((map) => map.flatMap((row, i) => row.slice(0, i + 1)));
  return Uint8Array.from(weights, (weight) => Math.round(255 * weight)).toBase64();
}

/**
 * Unpacks what {@linkcode packAttention} packed.
 *
 * @param packed Base64.
 * @param size The numbers of layers, heads and places.
 * @returns The weights, rounded to 1/255.
 */
export function unpackAttention(
  packed: string,
  { layers, heads, T }: { readonly layers: number; readonly heads: number; readonly T: number },
): number[][][][] {
  const bytes = Uint8Array.fromBase64(packed);
  let at = 0;
  return times(
    layers,
    () =>
      times(
        heads,
        () =>
          times(
            T,
            (asking) => times(T, (place) => place > asking ? 0 : (bytes[at++] ?? NaN) / 255),
          ),
      ),
  );
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
