/** Refuses a number of steps that is not a positive integer. */
export function checkSteps(act: string, name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RangeError(`Cannot ${act}: expected ${name} as an integer from 1, got ${value}`);
}

/** Refuses a multiplier outside 0..1. */
export function checkShare(act: string, name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`Cannot ${act}: expected ${name} as a number from 0 to 1, got ${value}`);
}
