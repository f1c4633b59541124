import { assertEquals } from "@std/assert";
import {
  areGpusVisible,
  findGpuLibraries,
  type GpuLibraries,
  gpuOffer,
  planGpus,
  xlaFlags,
} from "lib/backend/c_library/gpu_libraries.ts";
import type { NvidiaDriver } from "lib/backend/c_library/nvidia_driver.ts";

const GPU = { name: "NVIDIA Test", computeCapability: "9.0", memoryBytes: 16e9 };
const DRIVER: NvidiaDriver = { cudaVersion: "12.9", gpus: [GPU, GPU] };
const CPU_INSTEAD = "The CPU does the work, not a GPU: ";

/** The packages' files, as `tensorflow[and-cuda]` 2.21 brings them, in an order of their own. */
const FILES = [
  "cublas/lib/libcublas.so.12",
  "cublas/lib/libcublasLt.so.12",
  "cublas/lib/libnvblas.so.12", // TensorFlow does not ask for it
  "cuda_cupti/lib/libcupti.so.12",
  "cuda_nvrtc/lib/libnvrtc.so.12",
  "cuda_runtime/lib/libcudart.so.12",
  "cudnn/lib/libcudnn.so.9",
  "cufft/lib/libcufft.so.11",
  "curand/lib/libcurand.so.10",
  "cusolver/lib/libcusolver.so.11",
  "cusparse/lib/libcusparse.so.12",
  "nccl/lib/libnccl.so.2",
  "nvjitlink/lib/libnvJitLink.so.12",
  "cuda_nvcc/bin/ptxas",
];

/** A `site-packages` with TensorFlow's folder and these files below `nvidia/`. */
function withPackages(files: readonly string[], look: (site: string) => void): void {
  const site = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${site}/tensorflow`);
    for (const file of files) {
      Deno.mkdirSync(`${site}/nvidia/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
      Deno.writeTextFileSync(`${site}/nvidia/${file}`, "");
    }
    look(site);
  } finally {
    Deno.removeSync(site, { recursive: true });
  }
}

const inPackages = (files: readonly string[]): GpuLibraries | undefined => {
  let found: GpuLibraries | undefined;
  withPackages(files, (site) => found = findGpuLibraries(`${site}/tensorflow`));
  return found;
};

Deno.test("findGpuLibraries() lists each library after those that it needs", () => {
  withPackages(FILES, (site) => {
    const { files, missing, compilerFolder } = findGpuLibraries(`${site}/tensorflow`) ??
      { files: [], missing: ["all"] };
    assertEquals(missing, []);
    assertEquals(compilerFolder, `${site}/nvidia/cuda_nvcc`);
    const names = files.map((path) => path.slice(path.lastIndexOf("/") + 1));
    assertEquals(names.toSorted(), [...new Set(names)].toSorted());
    assertEquals(names.length, FILES.length - 2); // without nvblas and ptxas
    // What `readelf -d` of the packages lists as needed.
    const needs: [string, string][] = [
      ["libcublas.so.12", "libcublasLt.so.12"],
      ["libcusparse.so.12", "libnvJitLink.so.12"],
      ["libcusolver.so.11", "libcublas.so.12"],
      ["libcusolver.so.11", "libcusparse.so.12"],
      ["libcusolver.so.11", "libnvJitLink.so.12"],
    ];
    for (const [library, needed] of needs) {
      assertEquals(names.indexOf(needed) < names.indexOf(library), true, `${needed} first`);
    }
  });
});

Deno.test("findGpuLibraries() finds none without the packages, and tells what a part lacks", () => {
  assertEquals(inPackages([]), undefined);
  const part = inPackages(FILES.filter((file) => !/cudnn|nvcc/.test(file)));
  assertEquals(part?.missing, ["libcudnn.so.9"]);
  assertEquals(part?.compilerFolder, undefined);
});

const WHOLE: GpuLibraries = { files: ["/a.so", "/b.so"], missing: [] };

Deno.test("planGpus() opens all libraries in order where a driver answers", () => {
  const opened: string[] = [];
  const load = (path: string) => {
    opened.push(path);
    return undefined;
  };
  const plan = planGpus({ isWanted: true, libraries: WHOLE, driver: () => DRIVER, load });
  assertEquals(plan, { hidesGpus: false, hasLibraries: true });
  assertEquals(opened, ["/a.so", "/b.so"]);
});

Deno.test("planGpus() asks no driver and opens nothing where the libraries are not installed", () => {
  const never = () => {
    throw new Error("asked");
  };
  assertEquals(planGpus({ isWanted: true, libraries: undefined, driver: never, load: never }), {
    hidesGpus: false,
  });
});

Deno.test("planGpus() hides the GPUs and gives one line where they cannot be used", () => {
  const load = () => undefined;
  const notice = (libraries: GpuLibraries, driver: NvidiaDriver | undefined, loader = load) => {
    const plan = planGpus({ isWanted: true, libraries, driver: () => driver, load: loader });
    assertEquals(plan.hidesGpus, true);
    assertEquals(plan.notice?.includes("\n"), false);
    return plan.notice;
  };
  assertEquals(
    notice(WHOLE, undefined),
    `${CPU_INSTEAD}no NVIDIA driver answers (libcuda.so.1). Cure: install NVIDIA's driver`,
  );
  assertEquals(
    notice(WHOLE, { cudaVersion: "12.9", gpus: [], refusal: "it sees no GPU (CUDA error 100)" }),
    `${CPU_INSTEAD}NVIDIA's driver gives none: it sees no GPU (CUDA error 100). ` +
      "Cure: see `nvidia-smi`",
  );
  assertEquals(
    notice(WHOLE, { ...DRIVER, cudaVersion: "11.4" }),
    `${CPU_INSTEAD}NVIDIA's driver serves CUDA 11.4, the libraries are of CUDA 12. ` +
      "Cure: update NVIDIA's driver to 525 or later",
  );
  assertEquals(
    notice({ files: ["/a.so"], missing: ["libcudnn.so.9", "libnccl.so.2"] }, DRIVER),
    `${CPU_INSTEAD}not beside TensorFlow: libcudnn.so.9, libnccl.so.2. ` +
      "Cure: ./denow task setup --gpu",
  );
  // What the system's loader says of a file that is cut short.
  const opened: string[] = [];
  const loader = (path: string) => {
    opened.push(path);
    return path === "/a.so" ? "/a.so: file too short" : undefined;
  };
  assertEquals(
    notice(WHOLE, DRIVER, loader as () => undefined),
    `${CPU_INSTEAD}/a.so: file too short. Cure: ./denow task setup --gpu`,
  );
  assertEquals(opened, ["/a.so"]);
});

Deno.test("planGpus() hides the GPUs without a word where none is wanted", () => {
  const never = () => {
    throw new Error("asked");
  };
  const plan = planGpus({ isWanted: false, libraries: WHOLE, driver: never, load: never });
  assertEquals(plan, { hidesGpus: true });
});

Deno.test("areGpusVisible() reads CUDA_VISIBLE_DEVICES as NVIDIA's driver does", () => {
  for (const visible of [undefined, "0", "1,0", "GPU-0a1b"]) {
    assertEquals(areGpusVisible(visible), true);
  }
  for (const hidden of ["", " ", "-1"]) assertEquals(areGpusVisible(hidden), false);
});

Deno.test("planGpus() takes a driver that is newer than the libraries", () => {
  const plan = planGpus({
    isWanted: true,
    libraries: WHOLE,
    driver: () => ({ ...DRIVER, cudaVersion: "13.1" }),
    load: () => undefined,
  });
  assertEquals(plan.hidesGpus, false);
});

Deno.test("xlaFlags() adds the compiler's place to the flags, and leaves the user's own", () => {
  assertEquals(xlaFlags("", "/n/cuda_nvcc"), "--xla_gpu_cuda_data_dir=/n/cuda_nvcc");
  assertEquals(
    xlaFlags("--xla_dump_to=x", "/n"),
    "--xla_dump_to=x --xla_gpu_cuda_data_dir=/n",
  );
  assertEquals(
    xlaFlags("--xla_gpu_cuda_data_dir=/mine", "/n"),
    "--xla_gpu_cuda_data_dir=/mine",
  );
  assertEquals(xlaFlags("", "/a folder/n"), ""); // XLA takes flags apart at white space
});

Deno.test("gpuOffer() offers the installation where a GPU is idle, and nowhere else", () => {
  assertEquals(
    gpuOffer(DRIVER, false),
    "./denow task setup --gpu makes use of the NVIDIA Test (3 GB to install)",
  );
  assertEquals(gpuOffer(DRIVER, true), undefined);
  assertEquals(gpuOffer(undefined, false), undefined);
  assertEquals(gpuOffer({ cudaVersion: "12.9", gpus: [] }, false), undefined);
});
