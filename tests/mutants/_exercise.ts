/** A wrong answer that students really give. */
export interface PlantedMistake {
  /** What is wrong about it. */
  readonly name: string;
  /** The wrong answer itself. */
  readonly code: unknown;
  /** What the check's message must say: it names the mistake. */
  readonly names: RegExp;
}

/** An exercise, its check, and what the check must catch. */
export interface Exercise {
  readonly name: string;
  readonly check: (answer: unknown) => Promise<void>;
  readonly mistakes: readonly PlantedMistake[];
}

/**
 * Lists an exercise's mistakes, each typed as an answer that the check takes.
 *
 * @param name The function that the student writes.
 * @param check Its check.
 * @param mistakes What is wrong, a wrong answer, and what the message must say.
 */
export function exercise<Answer>(
  name: string,
  check: (answer: Answer) => Promise<void>,
  mistakes: readonly (readonly [name: string, code: Answer, names: RegExp])[],
): Exercise {
  return {
    name,
    check: (answer) => check(answer as Answer), // a stub or a solution, read from the course source
    mistakes: mistakes.map(([name, code, names]) => ({ name, code, names })),
  };
}
