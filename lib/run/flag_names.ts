import { flagsOf } from "lib/core/mod.ts";
import { runSchema } from "lib/train/mod.ts";

const FLAGS: ReadonlyMap<string, string> = new Map(
  flagsOf(runSchema).map(({ path, name }) => [path.join("."), name]),
);

/**
 * Replaces each setting that a message names by its flag: a user of the command line typed `--lr`, not
 * `train.lr`. A setting before a colon stays, since it may come from a file.
 *
 * @param message Such as "lower train.lr".
 * @returns Such as "lower --lr".
 */
export function withFlagNames(message: string): string {
  return message.replaceAll(/(?<![\w./-])[a-z]+\.[a-zA-Z0-9]+\b(?!\.\w|[/:])/g, (setting) => {
    const flag = FLAGS.get(setting);
    return flag === undefined ? setting : `--${flag}`;
  });
}
