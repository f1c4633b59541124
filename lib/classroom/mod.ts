/**
 * Grades the submissions of a class: restores the checks of each notebook, runs it in a sandbox, checks its
 * answers from outside the sandbox, gives points, and writes reports for teachers and students.
 *
 * Rank 8: may import every other folder.
 *
 * @module
 */
export { classPage } from "./class_page.ts";
export { declaredNames, withDependencies } from "./dependencies.ts";
export { feedbackPage } from "./feedback_page.ts";
export { findSubmissions, type Found, type HandedIn } from "./find_submissions.ts";
export { type ClassOptions, digest, gradeClass, recallGrades, type Task } from "./grade_class.ts";
export {
  type CourseNotebook,
  gradeSubmission,
  type GradingOptions,
  type Submission,
} from "./grade_submission.ts";
export { LIMITS, type Limits } from "./limits.ts";
export { type FileCell, type NotebookFile, readNotebookFile } from "./notebook_file.ts";
export {
  type GivenCell,
  type Restoration,
  restoreChecks,
  type RestoredCell,
} from "./restore_checks.ts";
export type { CellError, Grade, Item, ItemResult, ItemStatus, Picture } from "./results.ts";
export {
  type CellRun,
  Executor,
  type Job,
  type JobOptions,
  type Output,
  type RunOptions,
} from "./run_cells.ts";
export {
  EXCHANGE,
  INSIDE,
  sandboxed,
  type SandboxPlaces,
  sandboxProblem,
  withoutNetwork,
} from "./sandbox.ts";
export { controlGroup, type Probe } from "./scope.ts";
export type { Policy, Run } from "./score.ts";
export { type TypeErrorInCell, typeErrorsIn } from "./type_errors.ts";
export { writeReports } from "./write_reports.ts";

// For your own programs:
export { attemptsIn } from "./attempts.ts";
export { usedWords } from "./dependencies.ts";
export { NotebookFileError } from "./notebook_file.ts";
export { picturesOf } from "./pictures.ts";
export { scoreOf } from "./score.ts";
export { type Similar, similarSubmissions } from "./similar.ts";
export { gradescopeResults, gradesCsv, gradesJson, gradesJunit } from "./tables.ts";
export { zipEntries, type ZipEntry } from "./zip_file.ts";
