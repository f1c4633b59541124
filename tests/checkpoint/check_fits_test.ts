import { assertThrows } from "@std/assert";
import { checkFits, type TensorData } from "lib/checkpoint/mod.ts";
import { CheckpointError } from "lib/core/mod.ts";

/** A checkpoint whose tensors have these shapes; their data play no part. */
function checkpoint(shapes: Record<string, number[]>) {
  const model = new Map(
    Object.entries(shapes).map(([name, shape]): [string, TensorData] => [
      name,
      { dtype: "F32", shape, data: new Uint8Array() },
    ]),
  );
  return { path: "checkpoints/a/step-00000846", model };
}

const MODEL = new Map([["embedding", [1000, 256]], ["norm.bias", [256]], ["scale", []]]);
const CURE = "; take the model settings it was trained with, or another checkpoint";
const begin = "Cannot load checkpoint checkpoints/a/step-00000846: expected ";

Deno.test("checkFits() lets a checkpoint of the same model pass, in any order", () => {
  const fitting = checkpoint({ scale: [], "norm.bias": [256], embedding: [1000, 256] });
  checkFits(fitting, MODEL);
  const changed = () => checkFits(fitting, new Map([...MODEL, ["scale", [1]]]));
  assertThrows(changed, CheckpointError, `${begin}scale [1], got []${CURE}`);
});

Deno.test("checkFits() names the first tensor that is of another shape, missing, or left over", () => {
  const other = checkpoint({ embedding: [1000, 128], "norm.bias": [128], scale: [] });
  const shape = `${begin}embedding [1000,256], got [1000,128]${CURE}`;
  assertThrows(() => checkFits(other, MODEL), CheckpointError, shape);
  const less = checkpoint({ embedding: [1000, 256], scale: [] });
  const missing = `${begin}norm.bias [256], got no such tensor${CURE}`;
  assertThrows(() => checkFits(less, MODEL), CheckpointError, missing);
  const more = checkpoint({ ...Object.fromEntries(MODEL), "head.weight": [256, 1000] });
  const extra = `${begin}head.weight no such tensor, got [256,1000]${CURE}`;
  assertThrows(() => checkFits(more, MODEL), CheckpointError, extra);
});
