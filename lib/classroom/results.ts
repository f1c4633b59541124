/** One graded part of a notebook: an exercise or a written answer. */
export interface Item {
  /** The id of the check cell, or of the cell with the written answer. */
  readonly id: string;
  /** The function that is asked for; empty for a written answer. */
  readonly exercise: string;
  /** The most points that an answer can get. */
  readonly points: number;
  /** Whether a person grades it. */
  readonly isWritten: boolean;
  /** The hint of the exercise, in Markdown; empty if there is none. */
  readonly hint: string;
}

/** The result of grading an item. */
export type ItemStatus =
  /** All is right. */
  | "right"
  /** Half of what was asked, or more, is right. */
  | "partial"
  /** It is wrong. */
  | "wrong"
  /** Nothing was written. */
  | "empty"
  /** The check ended the kernel: an endless loop, a crash, a limit. */
  | "lost"
  /** A person has to read it. */
  | "manual";

/** The grade of one item. */
export interface ItemResult {
  /** The cell's id. */
  readonly id: string;
  /** The function that is asked for; empty for a written answer. */
  readonly exercise: string;
  /** The points that the answer got. */
  readonly points: number;
  /** The most points that an answer can get. */
  readonly most: number;
  /** The result of grading it. */
  readonly status: ItemStatus;
  /** What was expected and what came; empty if all is right. */
  readonly finding: string;
  /** The mistake that was recognised; empty if none was. */
  readonly mistake: string;
  /** Whether only the test that students do not see failed. */
  readonly failsHidden: boolean;
  /** Whether the answer only calls the library's own function. */
  readonly isCopy: boolean;
  /** The written answer; empty for others. */
  readonly text: string;
  /** The hint; empty if the answer is right or there is no hint. */
  readonly hint: string;
  /** How long the check took, in seconds. */
  readonly seconds: number;
}

/** A picture that the student's notebook drew. */
export interface Picture {
  /** The cell that drew it. */
  readonly cell: string;
  /** A data URL of a PNG or an SVG. */
  readonly url: string;
}

/** The grade of one submission. */
export interface Grade {
  /** Who handed it in. */
  readonly student: string;
  /** The notebook, such as `01_data`. */
  readonly notebook: string;
  /** What gives points. */
  readonly items: readonly ItemResult[];
  /** The sum of the items' points. */
  readonly points: number;
  /** The most points that all items give together. */
  readonly most: number;
  /** What a person still has to grade, in points. */
  readonly manual: number;
  /** What was unusual, and what was restored. */
  readonly notes: readonly string[];
  /** What looks like an attempt to get around the checks or out of the sandbox. */
  readonly attempts: readonly string[];
  /** Cells that failed, with their errors. */
  readonly errors: readonly CellError[];
  /** The pictures that the notebook drew. */
  readonly pictures: readonly Picture[];
  /** How long the notebook ran, in seconds. */
  readonly seconds: number;
  /** The answers' code without comments and blanks, for comparing submissions. */
  readonly code: Readonly<Record<string, string>>;
}

/** A cell that failed. */
export interface CellError {
  /** The cell's id. */
  readonly cell: string;
  /** The message of the error. */
  readonly message: string;
}
