/** A value on its way between two processes: what JSON can write. */
export type Wire = null | boolean | number | string | readonly Wire[] | Tagged;

/** A value that JSON has no form of its own for; `t` says which one. */
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

/** What JSON loses. */
export type Special = "undefined" | "NaN" | "Infinity" | "-Infinity" | "-0";

/** How often a counting generator drew, and may. */
export interface DrawLimit {
  /** How often it drew. */
  readonly draws: number;
  /** The most points that there are. */
  readonly most: number;
}

/** A tensor's values; null for one that is disposed of. */
export type TensorWire = null | {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: Wire;
};

/** What a call asks for beside a plain result. */
export type Operation =
  /** The result. */
  | "call"
  /** The result of the compiled function. */
  | "compiled"
  /** The gradients of one of the tensors in the result. */
  | "gradients";

/** What goes from process to process. */
export type Message =
  | { readonly kind: "call"; readonly id: number; readonly ask: Operation; readonly args: Wire }
  | {
    readonly kind: "result";
    readonly value: Wire;
    /** The arguments after the call, where it changed them. */
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

/** A way to another process. */
export interface Channel {
  /** Sends a message. */
  send(message: Message): void;
  /** Waits for the next message. */
  receive(): Message;
}
