import { z } from "zod";
import { ConfigError } from "./errors.ts";
import { plain, quote } from "./quote.ts";

/**
 * Reads settings: checks them against a schema, fills in defaults, and freezes the result.
 *
 * @param schema A zod object schema; make it strict, so that a misspelt key is an error and not
 *   silently a default.
 * @param value The unchecked settings, for example from a JSON file.
 * @param what Their name for the message: "Cannot use the model settings: ...".
 * @returns The settings, frozen at every level.
 * @throws {ConfigError} If a setting is unknown, missing or not allowed; the message names every
 *   problem.
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
  const form = schemaAt(z.toJSONSchema(schema, { io: "input" }), path);
  if (issue.code === "unrecognized_keys") {
    const allowed = isRecord(form.properties) ? Object.keys(form.properties) : [];
    const got = plain(issue.keys.join(", "));
    return `${prefix}expected a setting among ${allowed.join(", ")}, got ${got}`;
  }
  const isChoice = form.anyOf !== undefined && issue.code !== "custom";
  const rule = isChoice ? describeChoice(form) : issue.message
    .replace(/^(Invalid \w+|Too small|Too big): /, "")
    .replace(/, received .*$/, "");
  const got = path.reduce<unknown>((inner, key) => isRecord(inner) ? inner[key] : undefined, value);
  // A missing setting can break a rule between two settings, through its default.
  const isDefault = got === undefined && form.default !== undefined;
  return `${prefix}${rule}, got ${quote(isDefault ? form.default : got)}${
    isDefault ? ", the default" : ""
  }`;
}

/** The allowed values of a setting that takes several kinds of values. */
function describeChoice(form: Record<string, unknown>): string {
  const options = Array.isArray(form.anyOf) ? form.anyOf.filter(isRecord) : [];
  return `expected ${options.map(describeOption).join(" or ")}`;
}

function describeOption({ const: word, type, minimum }: Record<string, unknown>): string {
  if (word !== undefined) return quote(word);
  const kind = type === "integer" ? "an integer" : `a ${type}`;
  return minimum === undefined ? kind : `${kind} from ${minimum}`;
}

/** The part of a JSON schema that describes the value at a path. */
function schemaAt(schema: unknown, path: readonly string[]): Record<string, unknown> {
  if (!isRecord(schema)) return {};
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  return schemaAt(isRecord(schema.properties) ? schema.properties[key] : undefined, rest);
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
