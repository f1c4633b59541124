/**
 * Lists nested settings by their paths.
 *
 * @param settings Sections of settings, nested to any depth.
 * @returns Values by path, such as `train.lr`, in their order in the settings.
 *
 * @example
 * ```ts
 * import { flatSettings } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const flat = flatSettings({ seed: 1, train: { lr: 1e-3 } });
 * assertEquals([...flat], [["seed", 1], ["train.lr", 1e-3]]);
 * ```
 */
export function flatSettings(settings: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(
    Object.entries(settings).flatMap(([key, value]): [string, unknown][] => {
      if (!isSection(value)) return [[key, value]];
      return [...flatSettings(value)].map(([path, inner]) => [`${key}.${path}`, inner]);
    }),
  );
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
