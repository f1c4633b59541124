import { CheckpointError } from "lib/core/mod.ts";
import type { LoadedCheckpoint } from "./checkpoint.ts";

/**
 * Checks that a checkpoint's weights have the names and shapes of a model's, tensor by tensor.
 *
 * @param checkpoint A loaded checkpoint; only its path and its weights are used.
 * @param expected The model's shapes by name.
 * @throws {CheckpointError} If a tensor is missing, unknown to the model or of another shape; the
 *   message names the first.
 *
 * @example
 * ```ts
 * import { checkFits } from "lib/checkpoint/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const model = new Map([
 *   ["norm.bias", { dtype: "F32", shape: [128], data: new Uint8Array(512) }] as const,
 * ]);
 * const expected = new Map([["norm.bias", [256]]]);
 * const check = () => checkFits({ path: "checkpoints/a/last", model }, expected);
 * assertThrows(check, Error, "expected norm.bias [256], got [128]");
 * ```
 */
export function checkFits(
  checkpoint: Pick<LoadedCheckpoint, "path" | "model">,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  const shown = (shape: readonly number[] | undefined) =>
    shape === undefined ? "no such tensor" : `[${shape.join(",")}]`;
  for (const name of new Set([...expected.keys(), ...checkpoint.model.keys()])) {
    const want = expected.get(name), got = checkpoint.model.get(name)?.shape;
    if (shown(want) === shown(got)) continue;
    throw new CheckpointError(
      `Cannot load checkpoint ${checkpoint.path}: expected ${name} ${shown(want)}, ` +
        `got ${shown(got)}; take the model settings it was trained with, or another checkpoint`,
    );
  }
}
