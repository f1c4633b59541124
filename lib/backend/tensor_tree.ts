import * as tf from "@tensorflow/tfjs";

/** Tensors in arrays and records, nested as one likes. */
export type TensorTree<Leaf = tf.Tensor> =
  | Leaf
  | readonly TensorTree<Leaf>[]
  | { readonly [key: string]: TensorTree<Leaf> };

/** A tree taken apart. */
export interface Flattened {
  /** Its tensors, in the order of the walk. */
  readonly leaves: tf.Tensor[];
  /** The tree with each tensor's place in the order instead of it. */
  readonly tree: TensorTree<number>;
  /** A text that is equal for trees of equal structure, shapes and dtypes, and for no others. */
  readonly key: string;
}

/**
 * Takes a tree apart.
 *
 * @param root A tensor, or tensors in arrays and records.
 * @returns The tensors in order, and what is needed to put such a tree together.
 * @throws {TypeError} If something else than a tensor is in it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { flatten, useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const { leaves, tree } = flatten({ loss: tf.scalar(1), params: [tf.zeros([2])] });
 * assertEquals(leaves.length, 2);
 * assertEquals(tree, { loss: 0, params: [1] });
 * ```
 */
export function flatten(root: TensorTree): Flattened {
  const leaves: tf.Tensor[] = [], parts: string[] = [];
  const walk = (node: TensorTree, path: string): TensorTree<number> => {
    if (node instanceof tf.Tensor) {
      parts.push(`${node.dtype}[${node.shape}]`);
      return leaves.push(node) - 1;
    }
    if (Array.isArray(node)) {
      parts.push(`(${node.length}`);
      return node.map((inner, i) => walk(inner, `${path}[${i}]`));
    }
    if (typeof node !== "object" || node === null) {
      throw new TypeError(
        `Cannot compile: expected tensors in arrays and records, got ${String(node)} at ${path}`,
      );
    }
    const entries = Object.entries(node);
    parts.push(`{${entries.map(([key]) => key)}`);
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, walk(inner, `${path}.${key}`)]),
    );
  };
  const tree = walk(root, "the input");
  return { leaves, tree, key: parts.join(";") };
}

/**
 * Puts a tree together.
 *
 * @param tree As {@linkcode flatten} gave it.
 * @param leaves The tensors in the order of the walk.
 * @returns A tree of the same structure with these tensors.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { flatten, unflatten, useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const root = { a: tf.scalar(1), b: [tf.scalar(2)] }, { tree, leaves } = flatten(root);
 * assertEquals(unflatten(tree, leaves), root);
 * ```
 */
export function unflatten(tree: TensorTree<number>, leaves: readonly tf.Tensor[]): TensorTree {
  if (typeof tree === "number") {
    const leaf = leaves[tree];
    if (leaf === undefined) {
      throw new RangeError(
        `Cannot put tensors together: expected more than ${tree}, got ${leaves.length}`,
      );
    }
    return leaf;
  }
  if (Array.isArray(tree)) return tree.map((inner) => unflatten(inner, leaves));
  return Object.fromEntries(
    Object.entries(tree).map(([key, inner]) => [key, unflatten(inner, leaves)]),
  );
}
