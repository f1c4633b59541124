import type { ProgressFields } from "./progress.ts";

/** The numbers come first: the widest bar that fits beside them is drawn. */
const BAR_WIDTHS = [30, 20, 10];

/** The numbers of a line, the most important first, so that the least important are cut off. */
export function describe(
  [step, total]: readonly [number, number],
  fields: ProgressFields,
  secondsLeft: number | undefined,
): string {
  const { loss, lr, tokensPerSecond, note } = fields;
  return [
    `step ${step}/${total}`,
    loss === undefined ? "" : `loss ${loss.toFixed(4)}`,
    secondsLeft === undefined ? "" : `ETA ${duration(secondsLeft)}`,
    lr === undefined ? "" : `lr ${lr.toExponential(2)}`,
    tokensPerSecond === undefined ? "" : `${thousands(tokensPerSecond)} tok/s`,
    (note ?? "").replaceAll(/\s+/g, " "),
  ].filter((part) => part !== "").join("  ");
}

/** A bar with the line's text, cut to `width` characters. */
export function fit(
  text: string,
  share: number,
  width: number,
): { readonly bar: string; readonly text: string } {
  const characters = [...text];
  const room = width - characters.length - "[]  ".length;
  const size = BAR_WIDTHS.find((barWidth) => barWidth <= room);
  if (size === undefined) {
    return { bar: "", text: characters.slice(0, Math.max(0, width)).join("") };
  }
  const done = Math.floor(share * size);
  const tip = done < size ? ">" : "";
  return { bar: `[${("=".repeat(done) + tip).padEnd(size)}]  `, text };
}

/** Minutes and seconds, and hours if there are any: 0:31, 12:05, 3:00:00. */
function duration(seconds: number): string {
  const whole = Math.round(seconds), hours = Math.floor(whole / 3600);
  const minutes = String(Math.floor(whole / 60) % 60);
  const tail = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${minutes.padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** Without `toLocaleString()`, whose result differs from machine to machine. */
function thousands(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
