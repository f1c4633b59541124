/**
 * The names of `@std/assert`, over `node:assert/strict`.
 *
 * Where JSR can be reached, one line of `deno.json` (`"@std/assert": "jsr:@std/assert@1"`) replaces
 * this file: the names, the order of the arguments and the meaning are the same.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";

export { AssertionError } from "node:assert/strict";

/** Fails unless `condition` is truthy. */
export function assert(condition: unknown, message = ""): asserts condition {
  nodeAssert.ok(condition, message || undefined);
}

/** Fails if `condition` is truthy. */
export function assertFalse(condition: unknown, message?: string): void {
  nodeAssert.ok(!condition, message);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless both are the same value or the same object. */
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): void {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Fails unless `value` is neither null nor undefined. */
export function assertExists<T>(value: T, message?: string): asserts value is NonNullable<T> {
  nodeAssert.ok(value !== null && value !== undefined, message);
}

/** Fails unless the two differ by at most `tolerance` (by default a 10^-7th of `expected`). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  nodeAssert.ok(
    Math.abs(actual - expected) <= allowed,
    message ?? `Expected actual: ${actual} to be close to ${expected}, within ${allowed}`,
  );
}

/** Fails unless `actual` is greater than or equal to `expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.ok(actual >= expected, message ?? `Expected ${actual} >= ${expected}`);
}

/** Fails unless `actual` is less than or equal to `expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.ok(actual <= expected, message ?? `Expected ${actual} <= ${expected}`);
}

/** Fails unless `actual` is greater than `expected`. */
export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.ok(actual > expected, message ?? `Expected ${actual} > ${expected}`);
}

/** Fails unless `actual` is less than `expected`. */
export function assertLess<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.ok(actual < expected, message ?? `Expected ${actual} < ${expected}`);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  nodeAssert.ok(
    actual.includes(expected),
    message ?? `Expected ${JSON.stringify(actual)} to contain ${JSON.stringify(expected)}`,
  );
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message);
}

/** Fails unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any -- the type of any constructor, as in @std/assert
  expectedType: abstract new (...args: any[]) => T,
  message?: string,
): asserts actual is T {
  nodeAssert.ok(
    actual instanceof expectedType,
    message ?? `Expected an instance of ${expectedType.name}, got ${String(actual)}`,
  );
}

/** The constructors that {@linkcode assertThrows} takes. */
// deno-lint-ignore no-explicit-any -- the type of any error constructor, as in @std/assert
export type ErrorClass<E extends Error> = new (...args: any[]) => E;

/** Fails unless `fn` throws an `errorClass` whose message contains `messageIncludes`. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  nodeAssert.fail("Expected function to throw");
}

/** Fails unless `fn` rejects with an `errorClass` whose message contains `messageIncludes`. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  nodeAssert.fail("Expected function to reject");
}

function checkError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E> | undefined,
  messageIncludes: string | undefined,
): E {
  assertInstanceOf(error, errorClass ?? Error);
  if (messageIncludes !== undefined) assertStringIncludes(error.message, messageIncludes);
  // The instance was checked right above; without `errorClass`, E is Error.
  return error as E;
}
