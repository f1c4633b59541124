/**
 * The authors' tools for notebooks: building two notebooks from a course source, the rules for a
 * source, execution as a grader does it, JupyterLab from `.venv`.
 *
 * Rank 7: imports `core`, and no TensorFlow.js.
 *
 * @example
 * ```ts
 * import { parsePercent, toNotebook } from "lib/authoring/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cells = parsePercent("// %%\nconsole.log(1);\n", "notebook.ts");
 * assertEquals(toNotebook(cells, "student").cells[0]?.source, ["console.log(1);"]);
 * ```
 *
 * @module
 */
export { courseProblems } from "./course_rules.ts";
export { executeNotebook, type Execution, exportHtml, type TimeLimits } from "./execute.ts";
export {
  courseFunctions,
  type ExerciseModule,
  exerciseModule,
  runModule,
} from "./exercise_module.ts";
export {
  type Edition,
  formatNotebook,
  isWorkedOn,
  type Notebook,
  type NotebookCell,
  type NotebookOutput,
  toNotebook,
  withoutVolatile,
} from "./ipynb.ts";
export { jupyterCommand } from "./jupyter.ts";
export { freePort, type Lab, type LabOptions, startLab } from "./jupyter_lab.ts";
export { type CellOptions, type CourseCell, parsePercent } from "./percent.ts";
export { withImages } from "./pictures.ts";
export {
  buildNotebooks,
  type BuiltNotebook,
  courseSources,
  isStale,
  readNotebook,
  ROOT,
  withOutputs,
} from "./sources.ts";
