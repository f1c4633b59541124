/**
 * Checks an answer that runs in another process: the check and the expected results stay in this process,
 * the answer stays in the other one, and only calls and their results pass between them. So code that
 * cannot be trusted can neither read what is expected nor change the result of the check.
 *
 * Rank 7: may import every other folder but `classroom`.
 *
 * @module
 */
export { askAnswer, type AskOptions, type Verdict } from "./ask_answer.ts";
export { functionsOutside, type OutsideFunction, serveModules } from "./outside.ts";
export { type ExerciseLoader, type Pipes, serveAnswer } from "./serve_answer.ts";

// For your own programs:
export { remoteAnswer, type RemoteAnswerOptions } from "./answer.ts";
export { fileChannel, ForgedMessageError, PeerGoneError, type SyncFiles } from "./file_channel.ts";
export { Peer } from "./peer.ts";
export {
  formsOf,
  replay,
  type Source,
  type TensorForm,
  type Trace,
  trace,
  type TracedStep,
  withoutTensors,
} from "./trace.ts";
export type { Directory } from "./decode.ts";
export type { Register } from "./encode.ts";
export type {
  Channel,
  DrawLimit,
  Message,
  Operation,
  Special,
  Tagged,
  TensorWire,
  Wire,
} from "./wire.ts";
