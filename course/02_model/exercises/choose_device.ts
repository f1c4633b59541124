import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { chooseDevice, type Device } from "../parts.ts";

type Answer = typeof chooseDevice;

const cpu = (freeBytes: number, name = "/device:CPU:0"): Device => ({
  name,
  isGpu: false,
  freeBytes,
});
const gpu = (freeBytes: number, i = 0): Device => ({
  name: `/device:GPU:${i}`,
  isGpu: true,
  freeBytes,
});

/** The best of the devices that may be taken; the first of equals. */
const best = (
  may: (device: Device, neededBytes: number) => boolean,
  isBetter: (a: Device, b: Device) => boolean,
): WrongAnswer<Answer> =>
(devices, neededBytes) => {
  const [first, ...others] = devices.filter((device) => may(device, neededBytes));
  if (first === undefined) throw new RangeError("none");
  return others.reduce((chosen, device) => isBetter(device, chosen) ? device : chosen, first).name;
};

const fits = ({ freeBytes }: Device, neededBytes: number) => freeBytes >= neededBytes;
const rank = ({ isGpu, freeBytes }: Device) => [Number(isGpu), freeBytes] as const;
const isBetter = (a: Device, b: Device) => {
  const [[gpuA, freeA], [gpuB, freeB]] = [rank(a), rank(b)];
  return gpuA === gpuB ? freeA > freeB : gpuA > gpuB;
};

/** 2.7a: where to run. */
export default exercise<Answer>({
  name: "chooseDevice",
  reference: chooseDevice,
  returns: "text",
  cases: {
    "a CPU and a GPU, both with enough": () => [[cpu(9000), gpu(500)], 200],
    "a GPU that is too small": () => [[gpu(100), cpu(9000)], 200],
    "three GPUs": () => [[gpu(300, 0), gpu(2000, 1), cpu(9000), gpu(500, 2)], 200],
    "a GPU of another name": () => [
      [cpu(9000, "host of the GPU"), { ...gpu(500), name: "accelerator 1" }],
      200,
    ],
    "the largest GPU in front": () => [[gpu(800, 0), gpu(300, 1)], 200],
    "a CPU alone": () => [[cpu(300)], 200],
    "just enough on the GPU": () => [[cpu(9000), gpu(200)], 200],
    "one byte too little on the GPU": () => [[cpu(9000), gpu(199)], 200],
    "two CPUs": () => [[cpu(300), cpu(900, "/device:CPU:1")], 200],
    "nothing needed": () => [[cpu(0), gpu(0, 3)], 0],
    "no device with enough": () => [[cpu(100), gpu(50)], 200],
    "no device": () => [[], 1],
  },
  drawn: (random) => {
    const devices = Array.from({ length: 1 + random.integer(4) }, (_, i) => {
      const free = 10 * i + 100 * random.integer(9); // no two alike
      return random.integer(2) === 0 ? gpu(free, i) : cpu(free, `/device:CPU:${i}`);
    });
    return [devices, 100 * random.integer(6)];
  },
  mistakes: {
    "a GPU with too little memory is taken: leave out the devices on which it does not fit": [
      best(() => true, isBetter),
      best((device, needed) => device.isGpu || fits(device, needed), isBetter),
    ],
    "a CPU is taken where a GPU has enough: GPUs come first": best(
      fits,
      (a, b) => a.freeBytes > b.freeBytes,
    ),
    "the first GPU is taken: take the one with the most free memory": best(
      fits,
      (a, b) => a.isGpu && !b.isGpu || !a.isGpu && !b.isGpu && a.freeBytes > b.freeBytes,
    ),
    "the last GPU is taken: take the one with the most free memory": best(
      fits,
      (a, b) => a.isGpu || !b.isGpu,
    ),
    "the smallest GPU that fits is taken: take the one with the most free memory": best(
      fits,
      (a, b) => a.isGpu === b.isGpu ? a.freeBytes < b.freeBytes : a.isGpu,
    ),
    "the first device that fits is taken": best(fits, () => false),
    "just enough is enough: freeBytes >= neededBytes": best(
      ({ freeBytes }, needed) => freeBytes > needed,
      isBetter,
    ),
    "without a GPU that fits, the CPU is left": best(
      (device, needed) => device.isGpu && fits(device, needed),
      isBetter,
    ),
    "the CPU must have enough memory too": (devices, needed) =>
      devices.some((device) => fits(device, needed))
        ? chooseDevice(devices, needed)
        : devices.find(({ isGpu }) => !isGpu)?.name ?? chooseDevice(devices, needed),
    "where nothing fits, throw a RangeError: an empty name would fail somewhere else": [
      (...args) => orElse(() => chooseDevice(...args), () => ""),
      (...args) => orElse(() => chooseDevice(...args), () => undefined),
      (...args) => orElse(() => chooseDevice(...args), () => "/device:CPU:0"),
    ],
    "that is the device: give its name": (...args) =>
      args[0].find(({ name }) => name === chooseDevice(...args)),
    "whether it is a GPU stands in `isGpu`: names differ from machine to machine": best(
      fits,
      (a, b) => {
        const [isA, isB] = [a, b].map(({ name }) => name.includes("GPU"));
        return isA === isB ? a.freeBytes > b.freeBytes : isA === true;
      },
    ),
    "a name is written in: take it from the list": (...args) =>
      /GPU/.test(chooseDevice(...args)) ? "/device:GPU:0" : "/device:CPU:0",
    "the list is sorted in place: work on a copy, toSorted()": (devices, needed) => {
      (devices as Device[]).sort((a, b) => b.freeBytes - a.freeBytes); // what TypeScript forbids
      return chooseDevice(devices, needed);
    },
  },
  styles: {
    "one loop": (devices, needed) => {
      let chosen: Device | undefined;
      for (const device of devices) {
        if (!fits(device, needed)) continue;
        if (chosen === undefined || isBetter(device, chosen)) chosen = device;
      }
      if (!chosen) throw new RangeError("no device has enough memory");
      return chosen.name;
    },
    "sorted by both": (devices, needed) => {
      const order = [...devices].filter((device) => needed <= device.freeBytes).sort((a, b) =>
        Number(b.isGpu) - Number(a.isGpu) || b.freeBytes - a.freeBytes
      );
      if (order.length === 0) throw new RangeError("no device has enough memory");
      return order[0]?.name ?? "";
    },
  },
});

function orElse(act: () => unknown, other: () => unknown): unknown {
  try {
    return act();
  } catch {
    return other();
  }
}
