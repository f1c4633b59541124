import type { BackendValues, DataType, NamedAttrMap } from "@tensorflow/tfjs";

/**
 * What the main thread and the thread with the graphics device say to each other.
 *
 * Messages go by a port and are read at once, by both sides: neither gives up its turn. A counter for
 * each direction says that something has come, and a side that has nothing to do sleeps on it.
 */
export interface Link {
  /** Int32 [2]: how many bundles of requests were posted, and how many replies. */
  readonly counters: Int32Array<SharedArrayBuffer>;
}

/** The counter of bundles of requests. */
export const POSTED = 0;
/** The counter of replies. */
export const REPLIED = 1;

/** The number by which both threads know a tensor; the main thread gives them out. */
export type TensorNumber = number;

/** A tensor's shape and element type. */
export interface Form {
  readonly shape: number[];
  readonly dtype: DataType;
}

/** One thing that the main thread wants done. */
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
  /** By name, or in a row where the kernel takes any number. */
  readonly inputs: Readonly<Record<string, TensorNumber>> | readonly TensorNumber[];
  readonly attrs: NamedAttrMap | undefined;
  /** The number of the first output; the others have the numbers after it. */
  readonly firstOutput: TensorNumber;
  /** Whether the forms of the outputs are asked for. */
  readonly wantsForms: boolean;
}

/** Requests in order; only the last one may want a reply. */
export type Bundle = readonly Request[];

/** The reply to a bundle whose last request wants one. */
export type Reply =
  | { readonly kind: "forms"; readonly forms: readonly Form[] }
  | { readonly kind: "values"; readonly values: BackendValues }
  | { readonly kind: "failure"; readonly message: string };

/** What the thread says once, when it has opened the device, or that it could not. */
export type Opening =
  | { readonly kind: "open"; readonly device: string; readonly kernels: readonly string[] }
  | { readonly kind: "failure"; readonly message: string };
