/** A GPU as NVIDIA's driver describes it. */
export interface NvidiaGpu {
  /** Its name, such as `NVIDIA H200`. */
  readonly name: string;
  /** Its compute capability, the number of its generation, such as `9.0`. */
  readonly computeCapability: string;
  /** Its memory, in bytes. */
  readonly memoryBytes: number;
}

/** The answer of NVIDIA's driver. */
export interface NvidiaDriver {
  /** The newest CUDA version that it supports, such as `12.9`. */
  readonly cudaVersion: string;
  /** The GPUs that this process may see: `CUDA_VISIBLE_DEVICES` can hide some. */
  readonly gpus: readonly NvidiaGpu[];
  /** Why a driver that was found gives no GPU; absent if it works. */
  readonly refusal?: string;
}

/** The functions of the driver's library that are called; each gives 0 on success. */
export interface DriverCalls {
  cuInit(flags: number): number;
  cuDriverGetVersion(version: Int32Array<ArrayBuffer>): number;
  cuDeviceGetCount(count: Int32Array<ArrayBuffer>): number;
  cuDeviceGet(device: Int32Array<ArrayBuffer>, index: number): number;
  cuDeviceGetName(name: Uint8Array<ArrayBuffer>, bytes: number, device: number): number;
  cuDeviceTotalMem_v2(bytes: BigUint64Array<ArrayBuffer>, device: number): number;
  cuDeviceGetAttribute(
    value: Int32Array<ArrayBuffer>,
    attribute: number,
    device: number,
  ): number;
}

/** `CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR` and `_MINOR`. */
const MAJOR = 75, MINOR = 76;

const NAME_BYTES = 256;

/**
 * The meaning of the most common error codes of the driver; of others the message has only the
 * number.
 */
const REASONS: Readonly<Record<number, string>> = {
  3: "it has not been started",
  34: "it is a stub for linking, and not a driver",
  100: "it sees no GPU",
  101: "the GPU asked for in CUDA_VISIBLE_DEVICES is not there",
  802: "the GPU is not ready yet",
  803: "its library and its kernel module are of different versions",
  804: "this GPU cannot run a newer CUDA than its driver's",
  999: "it does not say why: restart the machine, or update the driver",
};

/**
 * Asks NVIDIA's driver which GPUs there are. TensorFlow asks the same, but reports problems only in
 * its log.
 *
 * @param open Opens the driver's library; by default the system's `libcuda.so.1`.
 * @returns Its answer; undefined if there is no driver.
 *
 * @example
 * ```ts
 * import { askDriver } from "lib/backend/c_library/nvidia_driver.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(askDriver(() => undefined), undefined); // a machine without a driver
 * ```
 */
export function askDriver(
  open: () => DriverCalls | undefined = openDriver,
): NvidiaDriver | undefined {
  const calls = open();
  if (calls === undefined) return undefined;
  const cudaVersion = versionOf(calls), code = calls.cuInit(0);
  if (code !== 0) return { cudaVersion, gpus: [], refusal: reason(code) };
  const count = new Int32Array(1), countCode = calls.cuDeviceGetCount(count);
  if (countCode !== 0) return { cudaVersion, gpus: [], refusal: reason(countCode) };
  const [gpuCount = 0] = count;
  if (gpuCount === 0) return { cudaVersion, gpus: [], refusal: reason(100) };
  return { cudaVersion, gpus: Array.from({ length: gpuCount }, (_, i) => describeGpu(calls, i)) };
}

/**
 * The GPUs that NVIDIA's driver offers to this process.
 *
 * @returns Name, generation and memory of each; an empty list if there is no driver.
 *
 * @example
 * ```ts
 * import { readGpus } from "lib/backend/mod.ts";
 * import { assert } from "@std/assert";
 *
 * assert(readGpus().every(({ memoryBytes }) => memoryBytes > 0));
 * ```
 */
export function readGpus(): readonly NvidiaGpu[] {
  return askDriver()?.gpus ?? [];
}

function reason(code: number): string {
  return `${REASONS[code] ?? "it refuses"} (CUDA error ${code})`;
}

/** The driver gives 1000 × the major version + 10 × the minor version. */
function versionOf(calls: DriverCalls): string {
  const version = new Int32Array(1);
  if (calls.cuDriverGetVersion(version) !== 0) return "unknown";
  const [number = 0] = version;
  return `${Math.floor(number / 1000)}.${Math.floor(number % 1000 / 10)}`;
}

function describeGpu(calls: DriverCalls, index: number): NvidiaGpu {
  const device = new Int32Array(1), name = new Uint8Array(NAME_BYTES);
  const bytes = new BigUint64Array(1), major = new Int32Array(1), minor = new Int32Array(1);
  calls.cuDeviceGet(device, index);
  const [place = index] = device;
  calls.cuDeviceGetName(name, NAME_BYTES, place);
  calls.cuDeviceTotalMem_v2(bytes, place);
  calls.cuDeviceGetAttribute(major, MAJOR, place);
  calls.cuDeviceGetAttribute(minor, MINOR, place);
  const end = name.indexOf(0);
  return {
    name: new TextDecoder().decode(name.subarray(0, end < 0 ? NAME_BYTES : end)),
    computeCapability: `${major[0]}.${minor[0]}`,
    memoryBytes: Number(bytes[0]),
  };
}

/** The driver's library, which stays open; undefined if there is none. */
function openDriver(): DriverCalls | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.dlopen("libcuda.so.1", {
      cuInit: { parameters: ["u32"], result: "i32" },
      cuDriverGetVersion: { parameters: ["buffer"], result: "i32" },
      cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
      cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
      cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
      cuDeviceTotalMem_v2: { parameters: ["buffer", "i32"], result: "i32" },
      cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
    }).symbols;
  } catch {
    return undefined; // no such library: no driver
  }
}
