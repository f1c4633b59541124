import type * as tfjs from "@tensorflow/tfjs";
import { sizeOf } from "../arrays/elements.ts";
import { permute } from "../arrays/permute.ts";
import { addProduct, batchPlaces, type Product, productOf } from "../arrays/product.ts";
import type { KernelCall, KernelFunc } from "../tfjs/tensorflow_backend.ts";
import { floats, type WasmBackend, wasmOf } from "./wasm_heap.ts";

/** From this number of multiplications on, the module's product is faster, preparation included. */
const WORTH_A_CALL = 32 ** 3;

/**
 * The module's own product; its arguments are tensor ids, shapes, and which operands are
 * transposed.
 */
type Multiply = (...values: unknown[]) => void;

/** The addresses in memory of one product's operands and result, in bytes. */
interface Places {
  readonly a: number;
  readonly b: number;
  readonly out: number;
}

/**
 * Makes the kernel `BatchMatMul` that replaces the package's own.
 *
 * Its module multiplies [rows, inner] by [inner, columns] with XNNPACK's vector instructions; but
 * for a transposed operand, or for more than one product, it runs a plain loop, which is more than
 * ten times slower. So this kernel first transposes such an operand, and passes large products to
 * the module one by one; it computes small products itself.
 */
export function matrixProducts(tf: typeof tfjs): KernelFunc {
  const known = new WeakMap<WasmBackend, Multiply>();
  return (call) => {
    const backend = wasmOf(call), multiplyLarge = known.get(backend) ?? multiplyOf(backend);
    known.set(backend, multiplyLarge);
    // The op always has these inputs and attributes.
    const { a, b } = call.inputs as Record<"a" | "b", tfjs.TensorInfo>;
    const { transposeA, transposeB } = call.attrs as Record<"transposeA" | "transposeB", boolean>;
    assertFloats(a, b);
    const product = productOf(a, b, { transposeA, transposeB });
    const batch = tf.backend_util.assertAndGetBroadcastShape(
      a.shape.slice(0, -2),
      b.shape.slice(0, -2),
    );
    const out = backend.makeOutput([...batch, product.rows, product.columns], "float32");
    const left = transposeA ? transposed(backend, a) : a;
    const right = transposeB ? transposed(backend, b) : b;
    const { rows, inner, columns } = product, isLarge = rows * inner * columns >= WORTH_A_CALL;
    const starts = [left, right, out].map(({ dataId }) => backend.getMemoryOffset(dataId));
    const [aStart = 0, bStart = 0, outStart = 0] = starts;
    const aBatch = batchPlaces(a.shape.slice(0, -2), batch);
    const bBatch = batchPlaces(b.shape.slice(0, -2), batch);
    for (let i = 0; i < sizeOf(batch); i++) {
      const places = {
        a: aStart + 4 * rows * inner * aBatch(i),
        b: bStart + 4 * inner * columns * bBatch(i),
        out: outStart + 4 * rows * columns * i,
      };
      if (isLarge) callModule(backend, multiplyLarge, product, places);
      else multiplySmall(backend, product, places);
    }
    if (left !== a) backend.disposeData(left.dataId);
    if (right !== b) backend.disposeData(right.dataId);
    return out;
  };
}

function multiplyOf({ wasm }: WasmBackend): Multiply {
  const tensor = ["number", "array", "number"];
  return wasm.cwrap("BatchMatMul", null, [...tensor, ...tensor, "number", "number", "number"]);
}

function assertFloats(...tensors: readonly tfjs.TensorInfo[]): void {
  const other = tensors.find(({ dtype }) => dtype !== "float32");
  if (other === undefined) return;
  throw new TypeError(
    `Cannot multiply matrices on WebAssembly: expected float32, got ${other.dtype}`,
  );
}

/** A copy with each matrix transposed; the caller disposes it. */
function transposed(backend: WasmBackend, x: tfjs.TensorInfo): tfjs.TensorInfo {
  const rank = x.shape.length, order = x.shape.map((_, axis) => axis);
  order.splice(rank - 2, 2, rank - 1, rank - 2);
  const result = backend.makeOutput(order.map((axis) => x.shape[axis] ?? 1), x.dtype);
  permute(floats(backend, x), floats(backend, result), x.shape, order);
  return result;
}

/** Registers three temporary tensor ids in the module for memory that belongs to other tensors. */
function callModule(
  backend: WasmBackend,
  multiply: Multiply,
  { rows, inner, columns }: Product,
  places: Places,
): void {
  const sizes: [keyof Places, number][] = [["a", rows * inner], ["b", inner * columns], [
    "out",
    rows * columns,
  ]];
  const [a, b, out] = sizes.map(([name, size]) => {
    const id = backend.dataIdNextNumber++;
    backend.wasm.tfjs.registerTensor(id, size, places[name]);
    return id;
  });
  multiply(a, bytesOf([1, rows, inner]), 3, b, bytesOf([1, inner, columns]), 3, 0, 0, out);
  for (const id of [a, b, out]) if (id !== undefined) backend.wasm.tfjs.disposeData(id);
}

function bytesOf(shape: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(shape).buffer);
}

function multiplySmall(backend: WasmBackend, product: Product, places: Places): void {
  const { buffer } = backend.wasm.HEAPU8, { rows, inner, columns } = product;
  addProduct(product, {
    a: new Float32Array(buffer, places.a, rows * inner),
    b: new Float32Array(buffer, places.b, inner * columns),
    out: new Float32Array(buffer, places.out, rows * columns).fill(0),
  });
}

/**
 * Makes the kernel `_FusedMatMul`: the package's own if it is fast; otherwise a product, a sum and
 * the activation.
 */
export function fusedProduct(tf: typeof tfjs): (original: KernelFunc) => KernelFunc {
  return (original) => (call: KernelCall) => {
    // The op always has the first two inputs, and these attributes.
    const { a, b, bias, preluActivationWeights: alpha } = call.inputs as Record<
      string,
      tfjs.Tensor
    >;
    const { transposeA, transposeB, activation, leakyreluAlpha } = call.attrs as {
      readonly transposeA: boolean;
      readonly transposeB: boolean;
      readonly activation: string;
      readonly leakyreluAlpha?: number;
    };
    if (a === undefined || b === undefined) return original(call);
    const isPlain = !transposeA && !transposeB && isOneMatrix(a) && isOneMatrix(b) &&
      (bias === undefined || bias.rank === 1) && a.size * b.size > 0;
    if (isPlain) return original(call);
    return tf.tidy(() => {
      const product = tf.matMul(a, b, transposeA, transposeB);
      const sum = bias === undefined ? product : product.add(bias);
      return activated(tf, sum, { activation, alpha, slope: leakyreluAlpha });
    });
  };
}

/** Whether it has the shape of one matrix for the package's kernel. */
function isOneMatrix({ shape }: tfjs.Tensor): boolean {
  return shape.length === 3 && shape[0] === 1;
}

function activated(
  tf: typeof tfjs,
  x: tfjs.Tensor,
  { activation, alpha, slope }: {
    readonly activation: string;
    readonly alpha: tfjs.Tensor | undefined;
    readonly slope: number | undefined;
  },
): tfjs.Tensor {
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return tf.relu(x);
    case "elu":
      return tf.elu(x);
    case "relu6":
      return tf.relu6(x);
    case "prelu":
      return alpha === undefined ? x : tf.prelu(x, alpha);
    case "leakyrelu":
      return tf.leakyRelu(x, slope);
    case "sigmoid":
      return tf.sigmoid(x);
    default:
      throw new RangeError(
        `Cannot run _FusedMatMul: expected linear, relu, elu, relu6, prelu, leakyrelu or sigmoid, ` +
          `got ${activation}`,
      );
  }
}
