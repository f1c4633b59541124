/**
 * Builds the notebooks from their sources in `course/`: for students, and with the solutions.
 *
 *     ./denow task notebooks           writes notebooks/ and notebooks/solutions/
 *     ./denow task notebooks --check   writes nothing, fails if one is stale
 *     ./denow task notebooks --force   also overwrites notebooks that somebody has worked on
 *
 * @module
 */
import { dirname } from "node:path";
import {
  buildNotebooks,
  courseSources,
  isStale,
  isWorkedOn,
  readNotebook,
  ROOT,
} from "lib/authoring/mod.ts";
import { readCommandLine, refuse } from "./_command_line.ts";

const { flags, words } = readCommandLine({ check: "boolean", force: "boolean" });
if (words.length > 0) refuse(`Cannot build: expected flags only, got "${words.join(" ")}"`);
const isCheck = flags.check === true, isForced = flags.force === true;
const stale = courseSources().flatMap((source) => buildNotebooks(source)).filter(isStale);
let left = 0;
for (const { path, text } of stale) {
  const name = path.slice(ROOT.length + 1), former = readNotebook(path);
  if (former !== undefined && isWorkedOn(former) && !isForced) {
    console.log(`kept     ${name}: somebody has worked on it; --force writes over it`);
    left++;
  } else if (isCheck) {
    console.log(`stale    ${name}: run ./denow task notebooks`);
    left++;
  } else {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text);
    console.log(`written  ${name}`);
  }
}
if (stale.length === 0) console.log("all notebooks are up to date");
Deno.exit(left === 0 ? 0 : 1);
