import { assertEquals, assertMatch } from "@std/assert";
import { askDriver, type DriverCalls } from "lib/backend/c_library/nvidia_driver.ts";

/** A driver with two GPUs, numbered from 5 on, so that a place in line is not taken for a number. */
function fakeDriver(changes: Partial<DriverCalls> = {}): () => DriverCalls {
  const set = (array: Int32Array, value: number) => {
    array[0] = value;
    return 0;
  };
  return () => ({
    cuInit: () => 0,
    cuDriverGetVersion: (version) => set(version, 12090),
    cuDeviceGetCount: (count) => set(count, 2),
    cuDeviceGet: (device, index) => set(device, 5 + index),
    cuDeviceGetName: (name, _bytes, device) => {
      name.set(new TextEncoder().encode(`NVIDIA No ${device}\0 and what was there before`));
      return 0;
    },
    cuDeviceTotalMem_v2: (bytes, device) => {
      bytes[0] = BigInt(device) * 10_000_000_000n;
      return 0;
    },
    cuDeviceGetAttribute: (value, attribute) => set(value, attribute === 75 ? 9 : 0),
    ...changes,
  });
}

Deno.test("askDriver() lists every GPU with name, generation and memory", () => {
  assertEquals(askDriver(fakeDriver()), {
    cudaVersion: "12.9",
    gpus: [
      { name: "NVIDIA No 5", computeCapability: "9.0", memoryBytes: 50e9 },
      { name: "NVIDIA No 6", computeCapability: "9.0", memoryBytes: 60e9 },
    ],
  });
});

Deno.test("askDriver() gives nothing where there is no driver", () => {
  assertEquals(askDriver(() => undefined), undefined);
});

Deno.test("askDriver() says in words why a driver gives no GPU, and asks no further", () => {
  const never = () => {
    throw new Error("asked");
  };
  const refusal = (changes: Partial<DriverCalls>) => {
    const driver = askDriver(fakeDriver({ cuDeviceGet: never, ...changes }));
    assertEquals(driver?.gpus, []);
    return driver?.refusal;
  };
  assertEquals(
    refusal({ cuInit: () => 803, cuDeviceGetCount: never }),
    "its library and its kernel module are of different versions (CUDA error 803)",
  );
  assertEquals(refusal({ cuInit: () => 1234 }), "it refuses (CUDA error 1234)");
  assertEquals(refusal({ cuDeviceGetCount: () => 100 }), "it sees no GPU (CUDA error 100)");
  assertEquals(
    refusal({
      cuDeviceGetCount: (count) => {
        count[0] = 0;
        return 0;
      },
    }),
    "it sees no GPU (CUDA error 100)",
  );
});

Deno.test("askDriver() of this machine agrees with the system", () => {
  const driver = askDriver();
  if (driver === undefined) return;
  assertMatch(driver.cudaVersion, /^\d+\.\d$/);
  assertEquals(driver.gpus.length > 0, driver.refusal === undefined);
});
