import { z } from "zod";
import { ConfigError } from "./errors.ts";

/**
 * Reads settings: checks them against a schema, fills in defaults, and freezes the result.
 *
 * @param schema A zod object schema; strict, so that a misspelt key is an error and no silent default.
 * @param value The settings as they came, for example from a JSON file.
 * @param what What they are, for the message: "Cannot use the model settings: ...".
 * @returns The settings, frozen through and through.
 * @throws {ConfigError} If a setting is unknown, missing or not allowed; every problem is named.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { parseConfig } from "lib/core/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const schema = z.strictObject({ heads: z.int().min(1).default(4) });
 * assertEquals(parseConfig(schema, {}, "model settings").heads, 4);
 * assertThrows(
 *   () => parseConfig(schema, { head: 2 }, "model settings"),
 *   Error,
 *   "Cannot use the model settings: expected a setting among heads, got head",
 * );
 * ```
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return deepFreeze(result.data);
  const problems = result.error.issues.map((issue) => describeIssue(schema, value, issue));
  throw new ConfigError(`Cannot use the ${what}: ${problems.join("; ")}`);
}

function describeIssue(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  const prefix = path.length === 0 ? "" : `${path.join(".")}: `;
  if (issue.code === "unrecognized_keys") {
    const allowed = Object.keys(propertiesAt(z.toJSONSchema(schema, { io: "input" }), path));
    const got = issue.keys.join(", ");
    return `${prefix}expected a setting among ${allowed.join(", ")}, got ${got}`;
  }
  const got = path.reduce<unknown>((inner, key) => isRecord(inner) ? inner[key] : undefined, value);
  const rule = issue.message
    .replace(/^(Invalid \w+|Too small|Too big): /, "")
    .replace(/, received .*$/, "");
  return `${prefix}${rule}, got ${describeValue(got)}`;
}

/** JSON where JSON has a form for it: text in quotes, so that "4" and 4 look different. */
function describeValue(value: unknown): string {
  const isPlain = typeof value === "string" || isRecord(value);
  return isPlain ? JSON.stringify(value) : value === undefined ? "nothing" : String(value);
}

function propertiesAt(schema: unknown, path: readonly string[]): Record<string, unknown> {
  const properties = isRecord(schema) && isRecord(schema.properties) ? schema.properties : {};
  const [key, ...rest] = path;
  return key === undefined ? properties : propertiesAt(properties[key], rest);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function deepFreeze<T>(value: T): T {
  if (isRecord(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
