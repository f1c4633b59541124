import { deriveSeed, Random } from "lib/core/mod.ts";
import { type Curriculum, drawSteps } from "./curriculum.ts";
import type { DataLoaderOptions } from "./data_loader.ts";
import type { Dataset } from "./dataset.ts";

/** The examples of one batch. */
export interface Group {
  readonly indices: readonly number[];
  /** The most examples that a batch of the same bucket has. */
  readonly most: number;
  /** The bucket's upper bound, in positions. */
  readonly bound: number;
  readonly isLastOfStep: boolean;
}

/** The examples of one length, and of one batch of them. */
type Bucket = Pick<Group, "indices" | "bound">;
type Part = Omit<Group, "isLastOfStep">;

/** The examples of each batch of an epoch, in order: a function of seed and epoch. */
export function batchOrder(dataset: Dataset, options: DataLoaderOptions, epoch: number): Group[] {
  const { seed, shuffle = true, stratified = false, curriculum } = options;
  if (curriculum !== undefined) return pacedSteps(curriculum, options, epoch).flatMap(markLast);
  const random = new Random(deriveSeed(seed, "order", epoch));
  const all = dataset.lengths.keys();
  const buckets = bucketsOf(dataset, options, shuffle ? random.shuffle(all) : all);
  if (stratified && buckets.length > 1) return mixedSteps(buckets, options).flatMap(markLast);
  const steps = buckets.flatMap((bucket) => stepsOf(bucket, options));
  // Without this second draw an epoch would run from short sentences to long ones.
  return (shuffle && buckets.length > 1 ? random.shuffle(steps) : steps).flatMap(markLast);
}

/** Every example once, in the data set's order. */
export function inOrder(dataset: Dataset, batchSize: number): Group[] {
  const bucket = { indices: Array.from(dataset.lengths.keys()), bound: Infinity };
  return stepsOf(bucket, { batchSize }).flatMap(markLast);
}

function bucketsOf(
  dataset: Dataset,
  { buckets = [Infinity] }: DataLoaderOptions,
  order: Iterable<number>,
): Bucket[] {
  const filled = buckets.map((bound) => ({ indices: [] as number[], bound }));
  for (const index of order) {
    const positions = (dataset.lengths[index] ?? 0) - 1;
    filled.find(({ bound }) => positions <= bound)?.indices.push(index);
  }
  return filled.filter(({ indices }) => indices.length > 0);
}

/** Steps whose examples all come from one bucket. */
function stepsOf(
  { indices, bound }: Bucket,
  options: Pick<DataLoaderOptions, "batchSize" | "batchesPerStep" | "dropLast">,
): Part[][] {
  const { batchSize, batchesPerStep = 1, dropLast = false } = options;
  const batches = chunk(indices, batchSize)
    .filter((part) => !dropLast || part.length === batchSize)
    .map((part) => ({ indices: part, most: Math.min(batchSize, indices.length), bound }));
  return chunk(batches, batchesPerStep);
}

/** Steps that hold each bucket's share of the data: its examples, spread over all steps evenly. */
function mixedSteps(
  buckets: readonly Bucket[],
  { batchSize, batchesPerStep = 1 }: DataLoaderOptions,
): Part[][] {
  const size = buckets.reduce((sum, { indices }) => sum + indices.length, 0);
  const rounds = Math.ceil(size / batchSize);
  const shareOf = ({ indices, bound }: Bucket, round: number): Part => {
    const at = (place: number) => Math.floor(place * indices.length / rounds);
    const most = Math.ceil(indices.length / rounds);
    return { indices: indices.slice(at(round), at(round + 1)), most, bound };
  };
  const parts = Array.from(
    { length: rounds },
    (_, round) => buckets.map((bucket) => shareOf(bucket, round)),
  );
  return chunk(parts, batchesPerStep).map((step) => step.flat());
}

/** Steps as long as those of {@linkcode stepsOf} one bucket, of examples that a curriculum lets in. */
function pacedSteps(
  curriculum: Curriculum,
  options: DataLoaderOptions,
  epoch: number,
): Part[][] {
  const places = { indices: Array.from(curriculum.difficulty.keys()), bound: Infinity };
  const steps = stepsOf(places, options);
  const stepSizes = steps.map((parts) =>
    parts.reduce((sum, { indices }) => sum + indices.length, 0)
  );
  const drawn = drawSteps(curriculum, { seed: options.seed, epoch, stepSizes });
  return steps.map((parts, i) => {
    const batches = chunk(drawn[i] ?? [], options.batchSize);
    return parts.map((part, j) => ({ ...part, indices: batches[j] ?? [] }));
  });
}

function markLast(step: readonly Part[]): Group[] {
  return step.map((part, i) => ({ ...part, isLastOfStep: i === step.length - 1 }));
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}
