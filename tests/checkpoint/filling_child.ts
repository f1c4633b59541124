/**
 * A process that is to meet a full disk: saves a checkpoint at step 1, then one of four times the
 * size. Arguments: the store's folder, and how many float32 a tensor of the first one has.
 */
import { CheckpointStore } from "lib/checkpoint/store.ts"; // not mod.ts: it would load TensorFlow.js
import { checkpointAt } from "./_fixtures.ts";

const [path = "", floats = "0"] = Deno.args;
const store = CheckpointStore.open(path);
store.save(checkpointAt(1, Number(floats)));
store.save(checkpointAt(2, Number(floats) * 4));
