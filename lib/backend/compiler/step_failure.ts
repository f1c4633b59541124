import * as tf from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import { placeIn, withDeepStacks } from "./place.ts";
import type { TensorTree } from "./tensor_tree.ts";

/** What is known about the step whose program failed. */
interface FailedStep {
  readonly name: string;
  readonly mode: string;
  /** The same step without its program. */
  readonly runOpByOp: () => TensorTree;
}

/**
 * Says which step failed, in which op and at which line.
 *
 * TensorFlow does not name op and line for a function. Run op by op, the same step fails at the
 * line with the mistake. So it runs once more in that way, which is safe because it is pure, unless
 * it failed for lack of memory.
 */
export function explainFailure(error: unknown, { name, mode, runOpByOp }: FailedStep): unknown {
  if (!(error instanceof BackendError)) return error;
  const { code } = error, act = `Cannot run the step "${name}" (${mode})`;
  const unsupported = /XLA_\w+: (\w+) \(No registered/.exec(error.message)?.[1];
  if (unsupported !== undefined) {
    // Inputs and outputs are nodes too; XLA does not support them if it does not support their
    // type.
    const isOp = !unsupported.startsWith("_");
    return new BackendError(
      `${act}: expected ops that XLA can compile, got ${isOp ? unsupported : "strings"}\n` +
        'Cure: use another op, or compile with mode "graph"',
      { code, op: isOp ? unsupported : "", cause: error },
    );
  }
  const culprit = code === "RESOURCE_EXHAUSTED" ? undefined : failureOf(runOpByOp);
  const detail = culprit === undefined
    ? tensorFlowsWords(error)
    : `${culprit.message}${placeIn(culprit.stack ?? "")}`;
  const op = culprit instanceof BackendError ? culprit.op : "";
  return new BackendError(`${act}: ${detail}`, { code, op, cause: culprit ?? error });
}

function failureOf(run: () => TensorTree): Error | undefined {
  try {
    tf.dispose(withDeepStacks(run) as tf.TensorContainer); // a container may hold more than a tree
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : undefined;
  }
}

/**
 * TensorFlow's own message, without the binding's "Cannot run FUNCTION on INPUTS" and without the
 * place in a file that does not exist here.
 */
function tensorFlowsWords({ message, code }: BackendError): string {
  const start = message.indexOf(`${code}: `);
  return message.slice(Math.max(start, 0)).replace(/The op is created at[^]*/, "").trimEnd();
}
