import * as tf from "@tensorflow/tfjs";
import type { Recorder } from "./recorder.ts";
import { tensorFlowBackend } from "../tfjs/tensorflow_backend.ts";

/**
 * Watches a step during its recording for effects outside of its ops. It refuses everything that
 * would make the program differ from the step, at the line that does it.
 *
 * - An unseeded random draw of JavaScript: the recorded program would repeat the same value.
 * - A variable of TensorFlow.js that is read, used, made or assigned: as a constant it could not
 *   change.
 * - A tensor that `tf.keep` keeps after the step: it has no values.
 *
 * Create and dispose this object inside the tidy scope of the recording.
 */
export class Guards implements Disposable {
  readonly #recorder: Recorder;
  readonly #undo: (() => void)[] = [];
  readonly #kept: tf.Tensor[] = [];
  readonly #firstScope = tf.engine().state.activeScope.id;
  readonly #variables = new Map<object, string>(
    Object.values(tf.engine().registeredVariables).map(({ dataId, name }) => [dataId, name]),
  );

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    this.#guardRandom();
    this.#guardVariables();
    this.#guardKept();
    this.#guardUses();
    this.#guardReads();
  }

  /** Refuses a step that keeps a tensor which is not part of its result. */
  assertNothingKept(): void {
    const count = this.#leaked().length;
    if (count === 0) return;
    this.#recorder.refuse({
      expected: "no tensor to outlive the step but by its result",
      got: `${count} kept by tf.keep`,
      cure: "make what is kept before the first call, or return it",
    });
  }

  /** Restores the replaced functions, and disposes the kept tensors. */
  [Symbol.dispose](): void {
    for (const undo of this.#undo.reverse()) undo();
    tf.dispose(this.#leaked());
  }

  #leaked(): tf.Tensor[] {
    // Scopes are numbered: a tensor of an earlier scope was not made in this recording.
    return this.#kept.filter((one) => !one.isDisposed && one.scopeId >= this.#firstScope);
  }

  #replace<T extends object, K extends keyof T>(
    target: T,
    name: K,
    replacement: (original: T[K]) => T[K],
  ): void {
    const before = Object.getOwnPropertyDescriptor(target, name);
    target[name] = replacement(target[name]);
    this.#undo.push(() => {
      if (before === undefined) delete target[name]; // makes the prototype's method visible again
      else Object.defineProperty(target, name, before);
    });
  }

  #guardRandom(): void {
    this.#replace(Math, "random", () => () =>
      this.#recorder.refuse({
        expected: "no random draw of JavaScript inside it",
        got: "one without a seed",
        cure: "draw by seededUniform(), whose seed is an input, or outside the step",
      }));
  }

  #guardVariables(): void {
    this.#replace(tf.engine(), "makeVariable", () => () => this.#refuseVariable("a new one"));
    this.#replace(tf.Variable.prototype, "assign", () => {
      const refuse = (name: string) => this.#refuseVariable(`an assignment to "${name}"`);
      return function (this: tf.Variable) {
        refuse(this.name);
      };
    });
  }

  #guardKept(): void {
    const kept = this.#kept, engine = tf.engine();
    this.#replace(engine, "keep", (original) =>
      function keep<T extends tf.Tensor>(tensor: T): T {
        kept.push(tensor);
        original.call(engine, tensor); // it returns the same tensor
        return tensor;
      });
  }

  /** Distinguishes constants of the step's code from tensors that came from outside. */
  #guardUses(): void {
    const backend = tensorFlowBackend(), recorder = this.#recorder;
    const written = new WeakSet<object>();
    this.#replace(backend, "write", (original) => (...call) => {
      const dataId = original.apply(backend, call);
      written.add(dataId);
      return dataId;
    });
    this.#replace(backend, "getInputTensorIds", (original) => (tensors) => {
      for (const { dataId } of tensors) this.#assertNoVariable(dataId);
      const ids = original.call(backend, tensors);
      tensors.forEach(({ dataId }, place) => {
        // tfjs-node's own type Int64Scalar has no dataId: a new one is made at each use.
        if (dataId !== undefined && !written.has(dataId)) recorder.disown(ids[place] ?? -1); // one id each
      });
      return ids;
    });
  }

  #guardReads(): void {
    const backend = tensorFlowBackend();
    this.#replace(backend, "readSync", (original) => (dataId) => {
      this.#assertNoVariable(dataId);
      return original.call(backend, dataId);
    });
    this.#replace(backend, "read", () => (dataId) => {
      try {
        return Promise.resolve(backend.readSync(dataId));
      } catch {
        // The recorder remembers the refusal, and the compiled step throws it. If this promise were
        // rejected too and nobody awaited it, the process would end.
        return new Promise(() => {});
      }
    });
  }

  #assertNoVariable(dataId: object): void {
    const name = this.#variables.get(dataId);
    if (name !== undefined) this.#refuseVariable(`"${name}"`);
  }

  #refuseVariable(got: string): never {
    return this.#recorder.refuse({
      expected: "no tf.Variable inside it",
      got,
      cure: "pass its value as an input, and return the new one",
    });
  }
}
