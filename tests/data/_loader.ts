import { type Batch, createDataset, type DataLoader, type Dataset } from "lib/data/mod.ts";

/** Examples of 2 to 9 positions; example i holds the id 100 + i, so rows can be told apart. */
export function exampleDataset(size: number): Dataset {
  const sentences = Array.from({ length: size }, (_, i) => [`${100 + i} `.repeat(1 + i * 7 % 8)]);
  return createDataset(sentences, {
    encode: (text) => Int32Array.of(1, ...text.trim().split(/\s+/).map(Number), 2),
  });
}

/** The batches of an epoch. */
export function epochOf(loader: DataLoader, epoch = 0): Batch[] {
  const batches: Batch[] = [];
  for (const batch of loader.batches({ epoch, batch: 0 })) {
    batches.push(batch);
    if (batch.isLastOfEpoch) break;
  }
  return batches;
}
