import * as tf from "@tensorflow/tfjs";

/** Tensors in arrays and records, nested to any depth. */
export type TensorTree<Leaf = tf.Tensor> =
  | Leaf
  | readonly TensorTree<Leaf>[]
  | { readonly [key: string]: TensorTree<Leaf> };

/** A tree's tensors, and a key for its form. */
export interface Leaves {
  /** The tensors, in the order of the walk; a tensor at two places is listed twice. */
  readonly leaves: tf.Tensor[];
  /** A text that is equal for trees of equal structure, shapes and dtypes, and for no others. */
  readonly key: string;
}

/** A flattened tree. */
export interface Flattened extends Leaves {
  /** The tree, with each tensor replaced by its index in `leaves`. */
  readonly tree: TensorTree<number>;
}

/**
 * Flattens a tree.
 *
 * @param root A tensor, or tensors in arrays and records, to any depth.
 * @param name Its name in messages.
 * @returns The tensors in order, and what {@linkcode unflatten} needs to build such a tree.
 * @throws {TypeError} If something else than a live tensor is in it: undefined, a number, a map.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { flatten } from "lib/backend/compiler/tensor_tree.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const { leaves, tree } = flatten({ loss: tf.scalar(1), params: [tf.zeros([2])] });
 * assertEquals(leaves.length, 2);
 * assertEquals(tree, { loss: 0, params: [1] });
 * ```
 */
export function flatten(root: TensorTree, name = "the tree"): Flattened {
  const found = leavesOf(root, name); // throws if it is not a tree
  let next = 0;
  const places = (node: TensorTree): TensorTree<number> => {
    if (node instanceof tf.Tensor) return next++;
    if (Array.isArray(node)) return node.map(places);
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, places(inner)]));
  };
  return { ...found, tree: places(root) };
}

/**
 * Collects a tree's tensors: the part of {@linkcode flatten} that each call of a compiled step
 * needs.
 *
 * @param root A tensor, or tensors in arrays and records, to any depth.
 * @param name Its name in messages.
 * @returns The tensors in order, and the tree's key.
 * @throws {TypeError} If something else than a live tensor is in it: undefined, a number, a map.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { leavesOf } from "lib/backend/compiler/tensor_tree.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const { key } = leavesOf({ x: tf.scalar(1) });
 * assertEquals(leavesOf({ x: tf.scalar(2) }).key, key);
 * assertEquals(leavesOf({ x: tf.zeros([1]) }).key === key, false);
 * ```
 */
export function leavesOf(root: TensorTree, name = "the tree"): Leaves {
  const leaves: tf.Tensor[] = [];
  // Each length is written before the elements, so that different trees always have different keys.
  let key = "";
  const walk = (node: TensorTree): void => {
    if (node instanceof tf.Tensor) {
      if (node.isDisposed) throw notATensor(root, node, name);
      leaves.push(node);
      key += node.dtype;
      for (const size of node.shape) key += `,${size}`;
      key += ";";
    } else if (Array.isArray(node)) {
      key += `(${node.length}`;
      for (const inner of node) walk(inner);
    } else {
      if (!isRecord(node)) throw notATensor(root, node, name);
      const keys = Object.keys(node);
      key += `{${keys.length}`;
      for (const inner of keys) {
        key += `.${inner.length}.${inner}`;
        walk(node[inner] as TensorTree); // its own key
      }
    }
  };
  walk(root);
  return { leaves, key };
}

/** Records are plain: a map or a promise has no entries, and would look like an empty record. */
function isRecord(node: unknown): node is { readonly [key: string]: TensorTree } {
  if (typeof node !== "object" || node === null) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

function notATensor(root: unknown, culprit: unknown, name: string): TypeError {
  const path = pathTo(culprit, root, name) ?? name;
  const expected = "expected live tensors in arrays and plain records";
  return new TypeError(`Cannot take ${name} apart: ${expected}, got ${nameOf(culprit)} at ${path}`);
}

/** Called only after an error, because computing a path per tensor would make every call slower. */
function pathTo(culprit: unknown, node: unknown, path: string): string | undefined {
  if (node === culprit) return path;
  if (!Array.isArray(node) && !isRecord(node)) return undefined;
  for (const [key, inner] of Object.entries(node)) {
    const found = pathTo(
      culprit,
      inner,
      Array.isArray(node) ? `${path}[${key}]` : `${path}.${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(value: unknown): string {
  if (value instanceof tf.Tensor) return "a disposed one";
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? value.constructor.name : String(value);
}

/**
 * Builds a tree from its tensors.
 *
 * @param tree The `tree` that {@linkcode flatten} gave.
 * @param leaves The tensors in the order of the walk.
 * @returns A tree of the same structure with these tensors.
 * @throws {RangeError} If there are fewer tensors than the tree needs.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { flatten, unflatten } from "lib/backend/compiler/tensor_tree.ts";
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
