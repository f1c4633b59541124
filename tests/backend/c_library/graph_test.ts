import { assertEquals, assertThrows } from "@std/assert";
import { Graph, outputOf, removeFunction } from "lib/backend/c_library/graph.ts";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";
import { BackendError } from "lib/core/mod.ts";

await useBackend({ backend: "tensorflow" });
const binding = tensorFlowBinding(), { context, native } = binding;
const FLOAT = binding.TF_FLOAT, INT32 = binding.TF_INT32, HALF = 14;
const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
const int = (name: string, value: unknown) => ({ name, type: binding.TF_ATTR_INT, value });

/** Runs a function of the context on float32 vectors, and frees what was made for it. */
function run(name: string, inputs: number[][], outputCount: number): number[][] {
  const ids = inputs.map((values) =>
    native.createTensor([values.length], FLOAT, Float32Array.from(values))
  );
  const outputs = native.executeOp(name, [], ids, outputCount);
  const values = outputs.map(({ id }) => [...native.tensorDataSync(id) as Float32Array]);
  for (const id of [...ids, ...outputs.map((output) => output.id)]) native.deleteTensor(id);
  return values;
}

Deno.test("Graph makes a function whose outputs may be inputs, constants and repetitions", () => {
  const before = handleCount();
  using graph = new Graph(context);
  const x = graph.placeholder(FLOAT, [2]), y = graph.placeholder(FLOAT, [2]);
  const id = native.createTensor([2], FLOAT, Float32Array.of(7, 8));
  const constant = graph.constant(native.handle(id));
  native.deleteTensor(id); // the graph has its values
  const sum = outputOf(graph.operation("AddV2", [type("T", FLOAT)], [x, constant]), 0);
  assertEquals(graph.operationCount, 4);
  graph.toFunction("many_outputs", [x, y], [sum, x, constant, sum, y]);
  const expected = [[8, 10], [1, 2], [7, 8], [8, 10], [3, 4]];
  assertEquals(run("many_outputs", [[1, 2], [3, 4]], 5), expected);
  removeFunction(context, "many_outputs");
  assertEquals(handleCount(), before);
});

Deno.test("Graph lays lists of inputs out as the op's definition says", () => {
  using graph = new Graph(context);
  const x = graph.placeholder(FLOAT, [2]), y = graph.placeholder(FLOAT, [3]);
  const axisId = native.createTensor([], INT32, Int32Array.of(0));
  const axis = graph.constant(native.handle(axisId));
  native.deleteTensor(axisId);
  // ConcatV2 takes a list and then an axis; its length N follows from the inputs.
  const attributes = [int("N", 2), type("T", FLOAT), type("Tidx", INT32)];
  const both = outputOf(graph.operation("ConcatV2", attributes, [x, y, axis]), 0);
  const listed = graph.operation("IdentityN", [
    { name: "T", type: binding.TF_ATTR_TYPE, value: [FLOAT, FLOAT] },
  ], [both, x]);
  assertEquals(graph.describe(both), { dtype: FLOAT, shape: [5] });
  graph.toFunction("lists", [x, y], [outputOf(listed, 0), outputOf(listed, 1)]);
  assertEquals(run("lists", [[1, 2], [3, 4, 5]], 2), [[1, 2, 3, 4, 5], [1, 2]]);
  removeFunction(context, "lists");
});

Deno.test("Graph tells what it infers, null where a shape depends on values", () => {
  using graph = new Graph(context);
  const x = graph.placeholder(FLOAT, [2, 3]);
  const half = graph.operation("Cast", [type("SrcT", FLOAT), type("DstT", HALF)], [x]);
  assertEquals(graph.describe(outputOf(half, 0)), { dtype: HALF, shape: [2, 3] });
  const where = graph.operation("Where", [type("T", FLOAT)], [x]);
  assertEquals(graph.describe(outputOf(where, 0)).shape, null);
  assertEquals(graph.isStateful("Multinomial"), true);
  assertEquals(graph.isStateful("StatelessRandomUniformV2"), false);
});

Deno.test("Graph refuses ops, inputs and attributes that do not fit, with the op in the error", () => {
  using graph = new Graph(context);
  const x = graph.placeholder(FLOAT, [2, 3]), square = [type("T", FLOAT)];
  const refused: [() => unknown, string, string][] = [
    [() => graph.operation("NoSuchOp", [], []), "", "Cannot record NoSuchOp: "],
    [
      () => graph.operation("Square", square, []),
      "Square",
      "Cannot record Square: expected 1 inputs, got 0",
    ],
    [
      () => graph.operation("Square", square, [x, x]),
      "Square",
      "Cannot record Square: expected 1 inputs, got 2",
    ],
    [
      () => graph.operation("ConcatV2", [int("N", 2)], []),
      "ConcatV2",
      "Cannot record ConcatV2: expected 1 inputs, got 0",
    ],
    [
      () => graph.operation("MatMul", square, [x, x]),
      "MatMul",
      "Cannot record MatMul: INVALID_ARGUMENT: Dimensions must be equal",
    ],
    [
      () => graph.operation("Square", [type("U", FLOAT)], [x]),
      "Square",
      'Cannot record Square: expected one of its attributes, got "U"',
    ],
  ];
  for (const [act, op, message] of refused) {
    const error = assertThrows(act, BackendError, message);
    assertEquals(error.op, op);
  }
  const unfit: [type: number, value: unknown, message: string][] = [
    [99, 1, "type, got kind 99"],
    [int("T", 1).type, "one", "type, got int"],
    [type("T", FLOAT).type, [FLOAT], "an integer, got [1]"],
    [type("T", FLOAT).type, "one", "an integer, got one"],
  ];
  for (const [type, value, message] of unfit) {
    assertThrows(
      () => graph.operation("Square", [{ name: "T", type, value }], [x]),
      TypeError,
      `Cannot record Square: expected attribute "T" to be ${message}`,
    );
  }
});

Deno.test("Graph refuses a function whose name is taken, and the context one that is not there", () => {
  using first = new Graph(context), second = new Graph(context);
  const one = first.placeholder(FLOAT, [1]), x = second.placeholder(FLOAT, [2]);
  first.toFunction("taken", [one], [one, one]);
  assertThrows(
    () => second.toFunction("taken", [x], [x]),
    BackendError,
    "Cannot add the function taken: INVALID_ARGUMENT",
  );
  removeFunction(context, "taken");
  assertThrows(
    () => removeFunction(context, "taken"),
    BackendError,
    "Cannot remove the function taken: INVALID_ARGUMENT",
  );
});

Deno.test("Graph.toFunction() gives equal functions one name by their hash, others another", () => {
  const named = (op: string, values: number[], swap = false) => {
    using graph = new Graph(context);
    const x = graph.placeholder(FLOAT, [1]);
    const id = native.createTensor([values.length], FLOAT, Float32Array.from(values));
    const constant = graph.constant(native.handle(id, "record a constant"));
    native.deleteTensor(id);
    const y = outputOf(graph.operation(op, [type("T", FLOAT)], [x, constant]), 0);
    return graph.toFunction("f", [x], swap ? [y, x] : [x, y], { addHash: true });
  };
  const many = Array.from({ length: 5000 }, (_, i) => i);
  const functions: Parameters<typeof named>[] = [
    ["Mul", [1]],
    ["Mul", [2]],
    ["Mul", [1, 1]],
    ["Sub", [1]],
    ["Mul", [1], true],
    ["Mul", many],
    ["Mul", many.with(2500, 0)],
  ];
  const names = functions.map((one) => named(...one));
  assertEquals(new Set(names).size, functions.length, names.join());
  for (const [i, one] of functions.entries()) {
    const name = named(...one);
    assertEquals(name, names[i]);
    removeFunction(context, name); // one of the two
    removeFunction(context, name);
    assertThrows(() => removeFunction(context, name), BackendError, "Cannot remove");
  }
});
