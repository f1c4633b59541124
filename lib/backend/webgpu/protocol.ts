import type { BackendValues, DataType, NamedAttrMap } from "@tensorflow/tfjs";

/**
 * The messages between the main thread and the thread with the graphics device.
 *
 * Messages go through a port, and both sides read them synchronously, without returning to the
 * event loop. Each direction has a counter of its messages; a side that has nothing to do sleeps
 * until its counter changes.
 */
export interface Link {
  /** Int32 [2]: the number of posted bundles of requests, and the number of replies. */
  readonly counters: Int32Array<SharedArrayBuffer>;
}

/** The counter of bundles of requests. */
export const POSTED = 0;
/** The counter of replies. */
export const REPLIED = 1;

/** The number of a tensor in both threads; the main thread assigns it. */
export type TensorNumber = number;

/** A tensor's shape and element type. */
export interface Form {
  readonly shape: number[];
  readonly dtype: DataType;
}

/** One request of the main thread. */
export type Request =
  | {
    readonly kind: "write";
    readonly id: TensorNumber;
    readonly form: Form;
    values: BackendValues;
  }
  | { readonly kind: "dispose"; readonly id: TensorNumber }
  | { readonly kind: "read"; readonly id: TensorNumber }
  | KernelRequest;

/** A kernel's call. */
export interface KernelRequest {
  readonly kind: "kernel";
  readonly kernel: string;
  /** By name, or as a list if the kernel takes any number of inputs. */
  readonly inputs: Readonly<Record<string, TensorNumber>> | readonly TensorNumber[];
  readonly attrs: NamedAttrMap | undefined;
  /** The number of the first output; the others have the numbers after it. */
  readonly firstOutput: TensorNumber;
  /** Whether the reply must contain the forms of the outputs. */
  readonly wantsForms: boolean;
}

/** Requests in order; only the last one may want a reply. */
export type Bundle = readonly Request[];

/** The reply to a bundle whose last request wants one. */
export type Reply =
  | { readonly kind: "forms"; readonly forms: readonly Form[] }
  | { readonly kind: "values"; readonly values: BackendValues }
  | { readonly kind: "failure"; readonly message: string };

/** The thread's first message: it has opened the device, or it could not. */
export type Opening =
  | { readonly kind: "open"; readonly device: string; readonly kernels: readonly string[] }
  | { readonly kind: "failure"; readonly message: string };
