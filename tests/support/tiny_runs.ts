import { runConfig, type TrainEvent } from "lib/train/mod.ts";

/** What a test changes about the tiny run. */
export interface TinySettings {
  readonly data?: Record<string, unknown>;
  readonly model?: Record<string, unknown>;
  readonly train?: Record<string, unknown>;
  readonly compute?: Record<string, unknown>;
  readonly seed?: number;
}

/**
 * A run of a model so small that a step takes milliseconds: 180 sentences, 12 steps an epoch. It is
 * measured at the start and at the end of each epoch alone.
 */
export function tinyConfig(settings: TinySettings = {}) {
  return runConfig({
    seed: settings.seed ?? 1,
    data: { examples: 200, ...settings.data },
    model: { hiddenSize: 16, heads: 2, layers: 1, feedForwardSize: 16, ...settings.model },
    train: {
      batchSize: 15,
      epochs: 2,
      warmup: 3,
      samples: 0,
      earlyValidations: false,
      ...settings.train,
    },
    compute: { compile: "graph", ...settings.compute },
  });
}

/** All events of a stream. */
export async function collect(stream: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** The losses among events as hexadecimal digits, so that equal means equal in every bit. */
export function lossBits(events: readonly TrainEvent[]): string[] {
  const bits = new DataView(new ArrayBuffer(8));
  return events.flatMap((event) => {
    if (event.kind !== "step" && event.kind !== "evaluation") return [];
    bits.setFloat64(0, event.loss);
    return [`${event.kind} ${event.step} ${bits.getBigUint64(0).toString(16)}`];
  });
}
