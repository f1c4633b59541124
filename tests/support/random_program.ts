/**
 * Random programs of TensorFlow.js's ops, the same one for a seed at each run.
 *
 * What a program does is drawn while it runs, by seed and shapes alone: recorded and op by op it
 * draws the same.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";

/** Inputs of a program. */
export type ProgramInput = Readonly<
  Record<"a" | "b" | "matrix" | "fixed" | "ints" | "flags", tf.Tensor>
>;

/** A tensor of a program. */
interface Value {
  readonly tensor: tf.Tensor;
  /** Whether its values carry no rounding, so that a jump (floor, >) is the same twice. */
  readonly isExact: boolean;
  /** Whether no gradient is taken through it: TensorFlow.js has none for comparisons and casts. */
  readonly isFixed: boolean;
}

/** Draws for one program. */
class Draw {
  readonly #random: Random;
  constructor(seed: number) {
    this.#random = new Random(seed);
  }
  integer(below: number): number {
    return this.#random.integer(below);
  }
  isHeads(): boolean {
    return this.integer(2) === 1;
  }
  of<T>(options: readonly T[]): T {
    const picked = options[this.integer(options.length)];
    if (picked === undefined) throw new RangeError("Cannot draw: expected options, got none");
    return picked;
  }
}

type Maker = (draw: Draw, pick: (kind: tf.DataType) => Value) => Value | undefined;

const fixed = (tensor: tf.Tensor): Value => ({ tensor, isExact: true, isFixed: true });
const rounded = (tensor: tf.Tensor): Value => ({ tensor, isExact: false, isFixed: false });
const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** Shapes with scalars, axes of length 1 and ranks up to 4. */
const SHAPES = [[], [1], [3], [1, 1], [2, 3], [3, 1], [1, 4], [2, 1, 3], [2, 3, 4], [1, 2, 1, 3]];

/** Inputs of the program of that seed: dyadic numbers within ±2, so that sums of them are exact. */
export function programInput(seed: number): ProgramInput {
  const draw = new Draw(seed ^ 0x5eed), shape = draw.of(SHAPES);
  const make = (
    shape: readonly number[],
    value: () => number,
    dtype: tf.NumericDataType | "bool",
  ) => tf.tensor(Array.from({ length: size(shape) }, value), [...shape], dtype);
  const dyadic = () => draw.integer(33) / 8 - 2;
  return {
    a: make(shape, dyadic, "float32"),
    b: make(draw.isHeads() ? shape : [], dyadic, "float32"),
    matrix: make(draw.of([[3, 3], [2, 3, 4], [1, 5], [2, 2, 3, 3]]), dyadic, "float32"),
    fixed: make(shape, dyadic, "float32"),
    ints: make([3, 2], () => draw.integer(7) - 3, "int32"),
    flags: make(shape, () => draw.integer(2), "bool"),
  };
}

/** The program of that seed, of `length` draws: all that it computes on the way. */
export function randomProgram(seed: number, length: number): (input: ProgramInput) => tf.Tensor[] {
  return (input) => {
    const draw = new Draw(seed);
    const values: Value[] = Object.entries(input).map(([name, tensor]) => ({
      tensor,
      isExact: true,
      isFixed: !["a", "b", "matrix"].includes(name),
    }));
    const pick = (kind: tf.DataType) =>
      draw.of(values.filter(({ tensor }) => tensor.dtype === kind));
    const inputs = values.length;
    for (let step = 0; step < length; step++) {
      const made = draw.of(MAKERS)(draw, pick);
      if (made !== undefined) values.push(made);
    }
    return values.slice(inputs).map(({ tensor }) => tensor);
  };
}

/** The program with the gradient of a scalar of its floats by its three float inputs. */
export function withGradients(program: (input: ProgramInput) => tf.Tensor[]) {
  return (input: ProgramInput): tf.Tensor[] => {
    let values: tf.Tensor[] = [];
    const loss = (a: tf.Tensor, b: tf.Tensor, matrix: tf.Tensor) => {
      values = program({ ...input, a, b, matrix }).map((value) => tf.keep(value.clone()));
      const floats = values.filter(({ dtype }) => dtype === "float32");
      const ends = [a, b, matrix, ...floats].map((value) => value.square().mean());
      return tf.addN(ends).asScalar();
    };
    const { value, grads } = tf.valueAndGrads(loss)([input.a, input.b, input.matrix]);
    const outputs = [...values.map((one) => one.clone()), value, ...grads];
    tf.dispose(values);
    return outputs;
  };
}

const SMOOTH: readonly ((x: tf.Tensor) => tf.Tensor)[] = [
  (x) => x.tanh(),
  (x) => x.sigmoid(),
  (x) => x.sin(),
  (x) => x.cos().neg(),
  (x) => x.tanh().exp(),
  (x) => x.square().add(1).sqrt(),
  (x) => x.square().add(1).rsqrt(),
  (x) => x.square().add(1).log(),
  (x) => x.square().add(1).reciprocal(),
  (x) => x.tanh().softplus(),
  (x) => x.tanh().elu(),
  (x) => x.erf(),
  (x) => x.tanh().mul(0.5).atan(),
  (x) => x.rank === 0 ? x.tanh() : x.softmax(),
  (x) => x.rank === 0 ? x.tanh() : x.logSoftmax().tanh(),
];

const JUMPS: readonly ((x: tf.Tensor) => tf.Tensor)[] = [
  (x) => x.relu(),
  (x) => x.abs(),
  (x) => x.sign(),
  (x) => x.floor(),
  (x) => x.ceil(),
  (x) => x.clipByValue(-1, 0.5),
  (x) => x.leakyRelu(0.25),
  (x) => x.step(),
];

const axisOf = (draw: Draw, { rank }: tf.Tensor) => draw.integer(rank);

/** Arithmetic with a partner whose shape fits or spreads. */
const arithmetic: Maker = (draw, pick) => {
  const x = pick("float32"), y = pick("float32");
  const partner = isBroadcastable(x.tensor.shape, y.tensor.shape) ? y.tensor : y.tensor.mean();
  const [p, q] = draw.isHeads() ? [x.tensor, partner] : [partner, x.tensor];
  const op = draw.of(["add", "sub", "mul", "minimum", "div", "pow"] as const);
  if (op === "div") return rounded(p.tanh().div(q.square().add(1)));
  if (op === "pow") return rounded(p.square().add(0.5).pow(q.tanh()).tanh());
  if (op === "minimum") {
    // Of rounded values, which one is less is a jump; spread out, its gradient fails.
    const fits = x.isExact && y.isExact && String(p.shape) === String(q.shape);
    return fits ? rounded(p.minimum(q)) : undefined;
  }
  return rounded(p.tanh()[op](q.tanh()));
};

function isBroadcastable(p: readonly number[], q: readonly number[]): boolean {
  const rank = Math.min(p.length, q.length);
  return Array.from({ length: rank }, (_, i) => [p.at(-1 - i), q.at(-1 - i)])
    .every(([m, n]) => m === n || m === 1 || n === 1);
}

/** Products with every choice of transposition, batched where the operand is. */
const matMul: Maker = (draw, pick) => {
  const { tensor } = pick("float32");
  if (tensor.rank < 2) return undefined;
  const [left, right] = [draw.isHeads(), draw.isHeads()];
  // x · f(x)ᵀ fits for every choice once the second operand is turned to match.
  const partner = left === right ? tensor.transpose(swapped(tensor.rank)) : tensor;
  return rounded(tf.matMul(tensor, partner.sin(), left, right).tanh());
};

const swapped = (rank: number) =>
  Array.from({ length: rank }, (_, i) => i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2);

const reduction: Maker = (draw, pick) => {
  const value = pick("float32"), { tensor, isExact } = value, keepDims = draw.isHeads();
  const axis = tensor.rank === 0 || draw.integer(4) === 0 ? undefined : axisOf(draw, tensor);
  const op = draw.of(["sum", "mean", "max", "min", "logSumExp", "prod", "norm"] as const);
  if ((op === "max" || op === "min") && !isExact) return undefined;
  if (op === "logSumExp") return rounded(tensor.logSumExp(axis, keepDims).tanh());
  if (op === "norm") return rounded(tensor.square().add(1).norm("euclidean", axis, keepDims));
  if (op === "max" || op === "min") return { ...value, tensor: tensor[op](axis, keepDims) };
  return rounded(tensor.tanh()[op](axis, keepDims).tanh());
};

/** Ops that move values and change none. */
const movement: Maker = (draw, pick) => {
  const value = pick(draw.of(["float32", "float32", "int32", "bool"])), { tensor: x } = value;
  const { rank, shape } = x;
  if (rank === 0) return { ...value, tensor: draw.isHeads() ? x.expandDims(0) : x.reshape([1, 1]) };
  const axis = axisOf(draw, x), length = shape[axis] ?? 1;
  const begin = shape.map((length) => draw.integer(length));
  const moves: readonly (() => tf.Tensor)[] = [
    () => x.reshape([size(shape)]),
    () => x.reshape([-1, shape[0] ?? 1]),
    () => x.transpose(),
    () => x.transpose([...shape.keys()].sort(() => draw.integer(3) - 1)),
    () => tf.slice(x, begin, shape.map((length, i) => 1 + draw.integer(length - (begin[i] ?? 0)))),
    () =>
      value.isFixed
        ? tf.stridedSlice(x, shape.map(() => 0), shape, shape.map(() => 2))
        : x.squeeze(),
    () => rank < 4 ? tf.concat([x, x], axis) : x.squeeze(),
    () => rank < 4 ? tf.stack([x, x], axis) : x.squeeze(),
    // TensorFlow.js's gradients of these two fail for one part.
    () => length > 1 ? tf.unstack(x, axis)[draw.integer(length)] ?? x : x.squeeze(),
    () => length > 1 ? tf.split(x, length, axis)[0] ?? x : x.squeeze(),
    () => tf.gather(x, tf.tensor1d([length - 1, 0, draw.integer(length)], "int32"), axis),
    () => x.dtype === "bool" ? x : tf.tile(x, shape.map((_, i) => i === axis ? 2 : 1)),
    () => x.dtype === "bool" ? x : tf.pad(x, shape.map(() => [draw.integer(2), 1])),
    () => x.dtype === "bool" ? x : tf.reverse(x, axis),
    () => x.squeeze(),
  ];
  const tensor = draw.of(moves)();
  return tensor.size > 64 ? undefined : { ...value, tensor }; // programs stay small
};

const choice: Maker = (_draw, pick) => {
  const { tensor, isExact, isFixed } = pick("float32"), other = pick("float32").tensor;
  if (!isExact || !isFixed) return undefined;
  const fits = other.rank === 0 || String(other.shape) === String(tensor.shape);
  const filled = fits ? other.add(tf.zerosLike(tensor)) : tensor.square();
  return rounded(tf.where(tensor.greater(0), tensor, filled));
};

const comparison: Maker = (draw, pick) => {
  const { tensor, isExact, isFixed } = pick(draw.of(["float32", "int32"]));
  if (!isExact || !isFixed) return undefined;
  const other = draw.isHeads() ? tf.scalar(1, "int32").cast(tensor.dtype) : tensor.neg();
  const op = draw.of(["greater", "greaterEqual", "less", "equal", "notEqual"] as const);
  return fixed(tensor[op](other));
};

const logic: Maker = (draw, pick) => {
  const { tensor } = pick("bool");
  const ops: readonly (() => tf.Tensor)[] = [
    () => tensor.logicalNot(),
    () => tensor.logicalAnd(tensor.logicalNot()),
    () => tensor.logicalOr(tensor.logicalNot()),
    () => tensor.rank === 0 ? tensor : tensor.any(axisOf(draw, tensor)),
    () => tensor.all(),
  ];
  return fixed(draw.of(ops)());
};

const integers: Maker = (draw, pick) => {
  const { tensor } = pick("int32");
  const small = tensor.mod(tf.scalar(5, "int32"));
  const ops: readonly (() => tf.Tensor)[] = [
    () => small.add(tf.scalar(2, "int32")),
    () => small.mul(small),
    () => small.sub(tensor),
    () => tf.maximum(small, tf.scalar(1, "int32")),
    () => small.floorDiv(tf.scalar(2, "int32")),
    () => tensor.sum(),
    () => tensor.rank === 0 ? small : tf.cumsum(small, axisOf(draw, tensor), draw.isHeads()),
    () => tensor.rank === 0 ? small : tensor.argMax(axisOf(draw, tensor)),
    () => tf.oneHot(small.abs().flatten(), 5).cast("int32"),
  ];
  const made = draw.of(ops)();
  return made.size > 64 ? undefined : fixed(made);
};

/** Rows of a table by ids that are an input. */
const lookup: Maker = (_draw, pick) => {
  const { tensor } = pick("float32"), ids = pick("int32").tensor;
  if (tensor.rank === 0 || tensor.size * ids.size > 200) return undefined;
  const valid = ids.abs().mod(tf.scalar(tensor.shape[0] ?? 1, "int32"));
  const rows = tf.gather(tensor, valid);
  return rounded(rows.rank === 0 ? rows : rows.mean(0)); // of a list, by one id, it is a number
};

const casts: Maker = (draw, pick) => {
  const from = pick(draw.of(["float32", "int32", "bool"]));
  if (!from.isExact || !from.isFixed) return undefined;
  return fixed(from.tensor.cast(draw.of(["float32", "int32", "bool"])));
};

const MAKERS: readonly Maker[] = [
  (draw, pick) => rounded(draw.of(SMOOTH)(pick("float32").tensor)),
  (draw, pick) => {
    const value = pick("float32");
    return value.isExact ? { ...value, tensor: draw.of(JUMPS)(value.tensor) } : undefined;
  },
  arithmetic,
  matMul,
  reduction,
  movement,
  movement,
  choice,
  comparison,
  logic,
  integers,
  lookup,
  casts,
];
