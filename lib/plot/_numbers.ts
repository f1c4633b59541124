/** The text for a number that was not measured. */
export const MISSING = "–";

/** Writes nats with as many digits as stay the same when a run is repeated. */
export function nats(value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? value.toFixed(4) : MISSING;
}

/** Writes a difference with its sign; a value that rounds to zero gets a plus. */
export function signed(value: number | undefined, digits = 4): string {
  if (value === undefined || !Number.isFinite(value)) return MISSING;
  const size = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(size) > 0 ? "−" : "+"}${size}`;
}

/** Writes a share of 0..1 in percent. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING;
  return `${(100 * share).toFixed(1)} %`;
}

/** Writes a count with commas between the thousands, in every locale. */
export function count(value: number | null | undefined): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return MISSING;
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Writes a number of steps. */
export function stepCount(steps: number): string {
  return `${count(steps)} step${steps === 1 ? "" : "s"}`;
}

/** Writes the perplexity of a loss: the number of tokens between which the model is undecided. */
export function perplexity(loss: number | undefined): string {
  return loss !== undefined && Number.isFinite(loss) ? Math.exp(loss).toFixed(1) : MISSING;
}

/** Writes a time as a person says it: 52 s, 3 min 05 s, 2 h 10 min. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  const pad = (part: number) => String(part).padStart(2, "0");
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Writes a step short enough for an axis: 800, 12k, 1.5M. */
export function formatStep(step: number): string {
  if (Math.abs(step) < 10_000) return String(step);
  const [unit, letter] = Math.abs(step) < 1e6 ? [1e3, "k"] as const : [1e6, "M"] as const;
  return `${formatShort(step / unit)}${letter}`;
}

/** Writes a number with at most three significant digits. */
export function formatShort(value: number): string {
  return String(Number(value.toPrecision(3)));
}
