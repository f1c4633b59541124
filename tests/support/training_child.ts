/**
 * A process that does the training jobs of its argument and prints what came out, as JSON;
 * `trainInNewProcess()` starts it.
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { trainHere, type TrainingJob, type TrainingRecord } from "./training_process.ts";

await useBackend({ backend: "tensorflow" });
const jobs: TrainingJob[] = JSON.parse(Deno.args[0] ?? "[]"); // the test that starts this wrote it
const records: TrainingRecord[] = [];
for (const job of jobs) records.push(await trainHere(job));
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(records)));
