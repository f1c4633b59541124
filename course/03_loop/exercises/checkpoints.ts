import * as tf from "@tensorflow/tfjs";
import { decodeSafetensors, encodeSafetensors, toBytes, toTensors } from "lib/checkpoint/mod.ts";
import { CheckError, exercise, expectSame, expectThat, kindProblem } from "lib/grade/mod.ts";
import { adam } from "lib/optimizer/mod.ts";
import { disposeParams, mapParams, param, type Params } from "lib/tensor/mod.ts";
import { freshState, loopTask } from "../cases.ts";
import { copyFiles, cutPower, inFolders, isThrown } from "../folders.ts";
import { type Checkpoints, fit, type LoopState } from "../loop.ts";

type Answer = (folder: string) => Checkpoints;
type Name = Parameters<Checkpoints["load"]>[0];

/** How files are written and read; each part has the right one as its default. */
interface Way {
  /** What of a state is written. */
  readonly write?: (state: LoopState) => LoopState;
  /** What becomes of what was read. */
  readonly read?: (state: LoopState) => object;
  readonly fileOf?: (folder: string, name: string) => string;
  /** What stands before the names of each part. */
  readonly prefixes?: readonly [params: string, optimizer: string];
  readonly draftOf?: (file: string) => string;
  readonly isSorted?: boolean;
  readonly afterSave?: (state: LoopState) => void;
}

const files = (way: Way = {}): Answer => (folder) => {
  const { fileOf = (at, name) => `${at}/${name}.safetensors`, read = (state) => state } = way;
  const { write = (state) => state, prefixes: [first, second] = ["params.", "optimizer."] } = way;
  return {
    save(name, state) {
      const { step, cursor, params, optimizer } = write(state), file = fileOf(folder, name);
      const tensors = { ...prefixed(first, params), ...prefixed(second, optimizer) };
      const plain = JSON.stringify({ step, cursor, order: Object.keys(tensors) });
      const draft = way.draftOf?.(file) ?? `${file}.new`;
      Deno.writeFileSync(draft, encodeSafetensors(toBytes(tensors), { plain }));
      Deno.renameSync(draft, file);
      way.afterSave?.(state);
    },
    load(name) {
      const { tensors, metadata } = decodeSafetensors(Deno.readFileSync(fileOf(folder, name)));
      const { step, cursor, order } = JSON.parse(metadata.get("plain") ?? "{}");
      const loaded = toTensors(tensors), names: string[] = way.isSorted ? order.toSorted() : order;
      const part = (prefix: string) =>
        Object.fromEntries(
          names.filter((key) => key.startsWith(prefix))
            .map((key) => [key.slice(prefix.length), param(loaded, key).clone()]),
        );
      const state = { step, cursor, params: part(first), optimizer: part(second) };
      disposeParams(loaded);
      return read(state) as LoopState; // wrong ones in its type too
    },
  };
};

function prefixed(prefix: string, tensors: Params): Params {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, one]) => [`${prefix}${name}`, one]),
  );
}

/** What is read, or written, with some parts replaced. */
const reading = (change: (state: LoopState) => object) =>
  files({ read: (state) => ({ ...state, ...change(state) }) });
const writing = (change: (state: LoopState) => Partial<LoopState>) =>
  files({ write: (state) => ({ ...state, ...change(state) }) });
const rounded = (params: Params) => mapParams(params, (one) => one.mul(1e4).round().div(1e4));
const BEGINNING = { epoch: 0, batch: 0 };

/** A state after some steps in the middle of an epoch, with moments, and numbers that decimals would lose. */
function stateAfter(steps: number): LoopState {
  const { weight } = { weight: tf.tensor1d([1 / 3, -2e-30, 3e20, steps]) };
  const params = { weight, "blocks.0.norm.bias": tf.scalar(steps / 7), empty: tf.zeros([0, 2]) };
  return {
    step: steps,
    cursor: { epoch: Math.floor(steps / 3), batch: steps % 3 },
    params,
    optimizer: {
      ...prefixed("m.", mapParams(params, (one) => one.add(0.1 * steps))),
      weight: tf.tensor2d([[steps, 0.7]]), // the name of a parameter
    },
  };
}

const STATE = {
  step: "number",
  cursor: { epoch: "number", batch: "number" },
  params: "params",
  optimizer: "params",
} as const;

/** The answer's checkpoints in a folder, held to be done when they return. */
function opened(answer: Answer, folder: string): Checkpoints {
  const store = answer(folder);
  return {
    save(name, state) {
      const result: unknown = store.save(name, state); // a wrong one may give anything
      if (!(result instanceof Promise)) return;
      result.catch(() => {}); // nobody will wait for it
      throw new CheckError(
        "expected save to be done when it returns, got a Promise; use the functions whose names end " +
          "in Sync, and no async",
      );
    },
    load(name) {
      const state = store.load(name), problem = kindProblem(state, STATE, "load(...)");
      if (problem !== undefined) throw new CheckError(problem);
      return state;
    },
  };
}

const saved = (states: readonly (readonly [Name, number])[], name: Name) => (answer: Answer) =>
  inFolders((folder, other) => {
    for (const [key, steps] of states) opened(answer, folder).save(key, stateAfter(steps));
    copyFiles(folder, other);
    const { step, cursor, params, optimizer } = opened(answer, other).load(name);
    const order = { params: Object.keys(params), optimizer: Object.keys(optimizer) };
    return { step, cursor, params, optimizer, order };
  });

/** 3.9: whole states on the disk and back, bit for bit. */
export default exercise<Answer>({
  name: "checkpoints",
  reference: files(),
  returns: { save: "function", load: "function" },
  tolerance: 0,
  probes: {
    "a state after 5 steps": saved([["last", 5]], "last"),
    "a fresh state": saved([["best", 0]], "best"),
    "best after best and last were saved": saved([["best", 4], ["last", 8]], "best"),
    "last after best and last were saved": saved([["last", 4], ["best", 1], ["last", 7]], "last"),
    "two loads of one checkpoint, the first one freed": (answer) =>
      inFolders((folder) => {
        const store = opened(answer, folder);
        store.save("last", stateAfter(2));
        const first = store.load("last");
        disposeParams(first.params, first.optimizer);
        return store.load("last").params;
      }),
    "two folders": (answer) =>
      inFolders((folder, other) => {
        opened(answer, folder).save("last", stateAfter(2));
        opened(answer, other).save("last", stateAfter(3));
        return opened(answer, folder).load("last").step;
      }),
    "the losses of a run that is stopped after its first epoch and goes on": (answer) =>
      inFolders((folder) => {
        const transform = adam(0.2, { schedule: (step) => 1 / (step + 1) });
        const { parts, rows } = loopTask({ transform });
        opened(answer, folder).save("last", fit(freshState(transform), { ...parts, epochs: 1 }));
        fit(opened(answer, folder).load("last"), { ...parts, epochs: 3 });
        return rows.map(({ trainLoss }) => trainLoss);
      }),
  },
  properties: {
    "the state after it was saved": (answer) =>
      inFolders((folder) => {
        const state = stateAfter(3), tensors = tf.memory().numTensors;
        opened(answer, folder).save("last", state);
        const alive = [...Object.values(state.params), ...Object.values(state.optimizer)]
          .every(({ isDisposed }) => !isDisposed);
        expectThat(alive, "expected a state that lives on when it is saved, got disposed tensors");
        const left = tf.memory().numTensors - tensors;
        expectThat(left === 0, `expected no tensors left behind by save, got ${left}`);
      }),
    "a name under which nothing was saved": (answer) =>
      inFolders((folder) => {
        opened(answer, folder).save("last", stateAfter(3));
        const store = opened(answer, folder);
        expectThat(
          isThrown(() => store.load("best")),
          "expected an error for a name under which nothing was saved, got none",
        );
      }),
    "the power fails while a second state is written": (answer) =>
      inFolders((folder) => {
        const [old, next] = [stateAfter(4), stateAfter(6)];
        opened(answer, folder).save("last", old);
        for (let writes = 0, isDone = false; !isDone && writes < 9; writes++) {
          isDone = cutPower(writes, () => opened(answer, folder).save("last", next));
          const store = opened(answer, folder);
          expectThat(
            !isThrown(() => store.load("last")),
            "expected the old checkpoint or the new one after a power cut, got neither",
          );
          const found = store.load("last");
          const { step, cursor, params, optimizer } = found, whole = found.step === 6 ? next : old;
          expectSame({ step, cursor, params, optimizer }, whole, {
            what: "one whole state after a power cut, all parts of the same age,",
          });
        }
      }),
  },
  asksBeside: true,
  mistakes: {
    "the optimizer's moments are not kept: Adam would start anew": [
      reading(() => ({ optimizer: {} })),
      reading((state) => ({ optimizer: mapParams(state.optimizer, tf.zerosLike) })),
    ],
    "these are not the moments: params and optimizer are two records": reading((state) => ({
      optimizer: mapParams(state.params, (one) => one.clone()),
    })),
    "the optimizer's tensors stand where the weights should": writing((state) => ({
      params: state.optimizer,
    })),
    "params and optimizer are mixed: put another word before the names of each": [
      files({ prefixes: ["", ""] }),
      files({ prefixes: ["same.", "same."] }),
    ],
    "the word that was put before the names is not taken off again": reading((state) => ({
      params: prefixed("params.", state.params),
      optimizer: prefixed("optimizer.", state.optimizer),
    })),
    "the cursor is not kept: the epoch would start again, with sentences seen before": reading(
      () => ({ cursor: BEGINNING }),
    ),
    "the cursor's batch is not kept: a part of the epoch would be seen again": reading((state) => ({
      cursor: { epoch: state.cursor.epoch, batch: 0 },
    })),
    "the step is not kept: warm-up and bias correction would start again": reading(() => ({
      step: 0,
    })),
    "the numbers are rounded on the way: keep their bytes, not their decimals": [
      writing((state) => ({ params: rounded(state.params) })),
      writing((state) => ({ params: rounded(state.params), optimizer: rounded(state.optimizer) })),
    ],
    "the tensors come back in another order: the gradient's norm is a sum of all of them, and in float32 a sum depends on its order; keep the order of the names too":
      files({ isSorted: true }),
    "best and last are one file: put the name into the file's name": files({
      fileOf: (folder) => `${folder}/checkpoint.safetensors`,
    }),
    "the file lies outside of the folder: two runs would overwrite each other": files({
      fileOf: (folder, name) => `${folder}/../${name}.safetensors`,
    }),
    "nothing is on the disk: what is kept in memory dies with the kernel": () => {
      const kept = new Map<string, LoopState>();
      return {
        save: (name: string, state: LoopState) => kept.set(name, state),
        load: (name: string) => kept.get(name),
      };
    },
    "the state is freed by save: the loop goes on with it": files({
      afterSave: (state) => disposeParams(state.params, state.optimizer),
    }),
    "the old checkpoint is written over, and a power cut in the middle leaves none: write a file of another name, and rename it when it is complete":
      files({ draftOf: (file) => file }),
    'metadata is a Map: metadata.get("plain"), not metadata.plain': (folder) => ({
      ...files()(folder),
      load(name: Name) {
        const file = Deno.readFileSync(`${folder}/${name}.safetensors`);
        const { metadata } = decodeSafetensors(file);
        return JSON.parse(Reflect.get(metadata, "plain"));
      },
    }),
  },
  styles: {
    "JSON": (folder) => ({
      save(name, { params, optimizer, ...rest }) {
        const texts = [params, optimizer].map((tensors) =>
          Object.entries(tensors).map(([key, one]) => [key, one.shape, [...one.dataSync()]])
        );
        Deno.writeTextFileSync(`${folder}/draft`, JSON.stringify({ ...rest, texts }));
        Deno.renameSync(`${folder}/draft`, `${folder}/${name}.json`);
      },
      load(name) {
        const { texts, ...rest } = JSON.parse(Deno.readTextFileSync(`${folder}/${name}.json`));
        const [params, optimizer] = texts.map((tensors: [string, number[], number[]][]) =>
          Object.fromEntries(
            tensors.map(([key, shape, values]) => [key, tf.tensor(values, shape, "float32")]),
          )
        );
        return { ...rest, params, optimizer };
      },
    }),
    "JSON with bytes, by a replacer and a reviver": (folder) => {
      const write = (_key: string, value: unknown) => {
        if (!(value instanceof tf.Tensor)) return value;
        return { shape: value.shape, bytes: [...Uint8Array.from(bytesOf(value))] };
      };
      const read = (_key: string, value: { shape?: number[]; bytes?: number[] }) => {
        if (value.bytes === undefined) return value;
        return tf.tensor(new Float32Array(Uint8Array.from(value.bytes).buffer), value.shape);
      };
      return {
        save: (name, state) => {
          Deno.writeTextFileSync(`${folder}/${name}~`, JSON.stringify(state, write));
          Deno.renameSync(`${folder}/${name}~`, `${folder}/${name}`);
        },
        load: (name) => JSON.parse(Deno.readTextFileSync(`${folder}/${name}`), read),
      };
    },
  },
});

function bytesOf(tensor: tf.Tensor): Uint8Array {
  return toBytes({ tensor }).get("tensor")?.data ?? new Uint8Array();
}
