/**
 * Mechanical mutants of the solutions that are no mistakes, and why: "exercise: what stood there → what
 * the mutant has" to the reason why both are the same function.
 *
 * @module
 */
export const SAME_FUNCTION: Readonly<Record<string, string>> = {};
