import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore, SafetensorsError } from "lib/checkpoint/mod.ts";
import { CheckpointError, ConfigError, FileError, Random, readPointer } from "lib/core/mod.ts";
import { CellStore } from "lib/experiment/mod.ts";
import { CsvLog, readCsv, RecordLog, SampleLog, TensorBoardLog } from "lib/log/mod.ts";
import { beginRun, exportRun, importRun, readConfig, RunRecorder } from "lib/run/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { loadTokenizer } from "lib/tokenizer/mod.ts";
import { train } from "lib/train/mod.ts";
import { count } from "../support/count.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const FILES = count("files");

/** What a reader may throw: errors that say what was wrong with the file. */
const TYPED = [
  ...[SyntaxError, TypeError, RangeError],
  ...[CheckpointError, ConfigError, FileError, SafetensorsError],
];

/** A kind of file: where a sound one lies, and what reads it. */
interface Kind {
  readonly path: string;
  /** Reads a damaged one; what it gives is looked at by the kind itself. */
  readonly read: () => unknown;
  /** The share of the files, where reading takes long; default 1. */
  readonly share?: number;
}

/** A small run with all its files, exported too, and a result of a sweep. */
async function everyKind(): Promise<Record<string, Kind>> {
  const root = temporaryFolder(), config = tinyConfig({ train: { epochs: 1, samples: 2 } });
  const placed = beginRun(config, { root, name: "tiny" }), { folder, run } = placed;
  {
    using recorder = RunRecorder.open(run, folder);
    for await (const event of train(run)) recorder.write(event);
  }
  exportRun("tiny", `${root}/out`, { root });
  const events = [...Deno.readDirSync(folder)].find(({ name }) => name.startsWith("events"));
  const step = `${root}/checkpoints/tiny/${readPointer(`${root}/checkpoints/tiny/last`)}`;
  const store = CheckpointStore.open(`${root}/checkpoints/tiny`), sound = store.load("last");
  const cells = CellStore.open(`${root}/cells`), cell = { key: "a", config };
  cells.save(cell, { best: 1 } as unknown as Parameters<CellStore["save"]>[1]); // any JSON will do
  const loadSame = () => {
    const { step, model, optimizer, state } = store.load("last");
    if (step === sound.step) assertEquals([model, optimizer, state], soundParts);
  };
  const soundParts = [sound.model, sound.optimizer, sound.state];
  const columns = readCsv(`${folder}/metrics.csv`).columns;
  const importAgain = () => {
    const { run } = importRun(`${root}/out`, { root, name: "again", overwrite: true });
    disposeParams(run.state.params);
    disposeParams(run.state.optimizer);
  };
  const open = (log: Disposable) => log[Symbol.dispose]();
  return {
    "state.json": { path: `${step}/state.json`, read: loadSame },
    "model.safetensors": { path: `${step}/model.safetensors`, read: loadSame },
    "optimizer.safetensors": { path: `${step}/optimizer.safetensors`, read: loadSame },
    "tokenizer.json of a checkpoint": { path: `${step}/tokenizer.json`, read: loadSame },
    "config.json of a checkpoint": { path: `${step}/config.json`, read: loadSame },
    "config.json of a run": {
      path: `${folder}/config.json`,
      read: () => readConfig(`${folder}/config.json`, {}),
    },
    "metrics.csv": { path: `${folder}/metrics.csv`, read: () => readCsv(`${folder}/metrics.csv`) },
    "metrics.csv, gone on with": {
      path: `${folder}/metrics.csv`,
      read: () => open(CsvLog.open(`${folder}/metrics.csv`, columns)),
    },
    "samples.txt": {
      path: `${folder}/samples.txt`,
      read: () => open(SampleLog.open(`${folder}/samples.txt`)),
    },
    "samples.jsonl": {
      path: `${folder}/samples.jsonl`,
      read: () => open(RecordLog.open(`${folder}/samples.jsonl`)),
    },
    "TensorBoard's events": {
      path: `${folder}/${events?.name}`,
      read: () => open(TensorBoardLog.open(folder)),
    },
    "tokenizer.json": {
      path: `${root}/out/tokenizer.json`,
      read: () => loadTokenizer(`${root}/out/tokenizer.json`),
    },
    "a sweep's result": {
      path: `${root}/cells/a.json`,
      read: () =>
        assert([null, '{"best":1}'].includes(cells.load(cell) && JSON.stringify(cells.load(cell)))),
    },
    ...Object.fromEntries(
      ["config.json", "model.safetensors", "tokenizer.json"].map((name) =>
        [`${name} to be imported`, {
          path: `${root}/out/${name}`,
          read: importAgain,
          share: 0.05,
        }] as const
      ),
    ),
  };
}

/** Texts that mean something in one of the formats. */
const PIECES = [
  ...["null", "[]", "{}", '""', "-0", "1e999", "1.5", '"a"', "true", ",", ":", '"', "{", "]", "\n"],
  ...["\u0000", "\ud800", "\u202e", "NaN", "9007199254740993", '"__proto__":1,'],
].map((text) => new TextEncoder().encode(text));

/** A sound file with bytes changed, put in, left out or cut off. */
function damaged(random: Random, sound: Uint8Array): Uint8Array {
  const at = random.integer(sound.length), size = random.integer(8);
  const join = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
  // Small pieces of a long file: half of the damage where most of the meaning is, in front.
  const near = random.integer(2) === 0 ? at : random.integer(Math.min(sound.length, 300));
  switch (random.integer(6)) {
    case 0:
      return sound.slice(0, at);
    case 1:
      return new Uint8Array(random.integer(2) === 0 ? 0 : sound.length);
    case 2:
      return random.pick(PIECES);
    case 3: {
      const bytes = sound.slice();
      bytes[near] = (bytes[near] ?? 0) ^ (1 << random.integer(8));
      return bytes;
    }
    case 4:
      return join(sound.subarray(0, near), random.pick(PIECES), sound.subarray(near + size));
    default:
      return join(sound.subarray(0, near), sound.subarray(near + size));
  }
}

/** Reads a damaged file: whether it was taken; what is thrown must be typed, clear and short. */
function isTaken(read: () => unknown, what: string): boolean {
  try {
    read();
    return true;
  } catch (error) {
    assert(
      error instanceof Error && TYPED.some((kind) => error instanceof kind),
      `${what}: ${error instanceof Error ? error.stack : error}`,
    );
    assert(/^Cannot [^]*: /.test(error.message), `${what}: ${error.stack}`);
    assertLess(error.message.length, 2500, `${what}: ${error.message}`);
    return false;
  }
}

Deno.test(`${FILES} damaged files of every kind are read right or refused in clear words`, async () => {
  const kinds = Object.entries(await everyKind()), random = new Random(11);
  const rounds = Math.ceil(FILES / kinds.reduce((sum, [, { share = 1 }]) => sum + share, 0));
  let refused = 0;
  for (const [name, { path, read, share = 1 }] of kinds) {
    const sound = Deno.readFileSync(path);
    assert(isTaken(read, name), `${name}, sound`);
    for (let round = 0; round < rounds * share; round++) {
      Deno.writeFileSync(path, damaged(random, sound));
      if (!isTaken(read, `${name}, ${round}`)) refused++;
    }
    Deno.writeFileSync(path, sound);
  }
  assertGreater(refused, FILES / 20); // else the damage damaged nothing
});
