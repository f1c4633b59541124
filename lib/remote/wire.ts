/** A value as it is sent between two processes: only what JSON can write. */
export type Wire = null | boolean | number | string | readonly Wire[] | Tagged;

/** A value that JSON cannot write directly; `t` says of which kind it is. */
export type Tagged =
  | { readonly t: "special"; readonly value: Special }
  | { readonly t: "bigint"; readonly value: string }
  | { readonly t: "record"; readonly keys: readonly string[]; readonly values: readonly Wire[] }
  | { readonly t: "numbers"; readonly kind: string; readonly bytes: string }
  | { readonly t: "map"; readonly entries: readonly Wire[] }
  | { readonly t: "set"; readonly items: readonly Wire[] }
  | {
    readonly t: "limited";
    readonly items: readonly Wire[];
    readonly most: number;
    readonly what: string;
  }
  | { readonly t: "random"; readonly state: readonly number[]; readonly limit?: DrawLimit }
  | { readonly t: "tensor"; readonly tensor: TensorWire }
  | { readonly t: "plain"; readonly shape: readonly number[]; readonly values: Wire }
  | { readonly t: "error"; readonly name: string; readonly message: string; readonly stack: string }
  | {
    readonly t: "function";
    readonly id: number;
    readonly name: string;
    readonly isAsync: boolean;
  }
  | { readonly t: "iterator"; readonly next: number; readonly isAsync: boolean }
  | { readonly t: "instance"; readonly name: string; readonly members: Wire }
  | { readonly t: "own"; readonly id: number };

/** Values that JSON cannot write. */
export type Special = "undefined" | "NaN" | "Infinity" | "-Infinity" | "-0";

/** How often a counting random generator has drawn, and how often it may draw. */
export interface DrawLimit {
  /** How often it has drawn. */
  readonly draws: number;
  /** How often it may draw. */
  readonly most: number;
}

/** A tensor's values; null for one that is disposed of. */
export type TensorWire = null | {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: Wire;
};

/** Which kind of result a call asks for. */
export type Operation =
  /** The result. */
  | "call"
  /** The result of the compiled function. */
  | "compiled"
  /** The gradients of one of the tensors in the result. */
  | "gradients";

/** A message from one process to the other. */
export type Message =
  | { readonly kind: "call"; readonly id: number; readonly ask: Operation; readonly args: Wire }
  | {
    readonly kind: "result";
    readonly value: Wire;
    /** The arguments after the call, if it changed them. */
    readonly args?: Wire;
    /** Whether the value came in a Promise. */
    readonly isAsync?: boolean;
    /** Tensors that the call made, did not return, and did not free. */
    readonly leftTensors?: number;
  }
  | {
    readonly kind: "error";
    readonly error: Wire;
    readonly args?: Wire;
    readonly isAsync?: boolean;
  }
  | { readonly kind: "end"; readonly isRight: boolean; readonly text: string };

/** A connection to another process. */
export interface Channel {
  /** Sends a message. */
  send(message: Message): void;
  /** Waits for the next message. */
  receive(): Message;
}
