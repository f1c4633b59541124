import { assertEquals } from "@std/assert";
import { installGpuSet, isGpuPlatform } from "../../scripts/_gpu_set.ts";
import { sourceFiles } from "../../tools/source_files.ts";

const ROOT = new URL("../..", import.meta.url);

/** A checkout whose pip notes what it is asked for, and fails where it is told to. */
class FakeCheckout implements Disposable {
  readonly root = Deno.makeTempDirSync();
  readonly said: string[] = [];
  constructor(fails = "nothing") {
    Deno.mkdirSync(`${this.root}/.venv/bin`, { recursive: true });
    Deno.writeTextFileSync(`${this.root}/.venv/ready`, "the stamp");
    const script = `#!/bin/sh
cd "${this.root}"; shift 4
echo "$* $(cat .venv/ready 2>/dev/null)" >>log
[ "$1" != download ] || mkdir .venv/gpu-wheels
[ "$1" != ${fails} ]
`;
    Deno.writeTextFileSync(`${this.root}/.venv/bin/python`, script, { mode: 0o755 });
  }
  install(wheels?: string): Promise<string | undefined> {
    const { root } = this, say = (line: string) => this.said.push(line);
    return installGpuSet({ root, say, freeBytes: 1e12, ...(wheels && { wheels }) });
  }
  /** What pip was asked for, each with the stamp as it was then. */
  get log(): string[] {
    return Deno.readTextFileSync(`${this.root}/log`).replaceAll(this.root, "").split("\n").slice(
      0,
      -1,
    );
  }
  has(path: string): boolean {
    try {
      return Boolean(Deno.statSync(`${this.root}/${path}`));
    } catch {
      return false;
    }
  }
  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

const LOCKED = "--require-hashes --no-deps -r /requirements-gpu.txt";

Deno.test("setup --gpu fetches all before it takes TensorFlow away, and leaves no wheels", async () => {
  using checkout = new FakeCheckout();
  assertEquals(await checkout.install(), undefined);
  assertEquals(checkout.log, [
    `download --only-binary :all: -d /.venv/gpu-wheels ${LOCKED} the stamp`,
    "uninstall --yes tensorflow-cpu ",
    `install --no-index --find-links /.venv/gpu-wheels ${LOCKED} `,
  ]);
  assertEquals([checkout.has(".venv/ready"), checkout.has(".venv/gpu-wheels")], [true, false]);
  assertEquals(checkout.said.length, 2);
});

Deno.test("setup --gpu --wheels installs without a network, and keeps the folder", async () => {
  using checkout = new FakeCheckout();
  Deno.mkdirSync(`${checkout.root}/mine`);
  assertEquals(await checkout.install(`${checkout.root}/mine`), undefined);
  assertEquals(checkout.log, [
    "uninstall --yes tensorflow-cpu ",
    `install --no-index --find-links /mine ${LOCKED} `,
  ]);
  assertEquals(checkout.has("mine"), true);
});

Deno.test("setup --gpu changes nothing where the packages cannot be fetched", async () => {
  using checkout = new FakeCheckout("download");
  assertEquals(await checkout.install(), "pip could not fetch the packages; nothing was changed");
  assertEquals(checkout.log.length, 1);
  assertEquals(checkout.has(".venv/ready"), true);
});

Deno.test("setup --gpu leaves no stamp where the exchange fails: the next start mends it", async () => {
  for (const part of ["uninstall", "install"]) {
    using checkout = new FakeCheckout(part);
    assertEquals(
      await checkout.install(),
      "pip could not install them; the next ./denow makes .venv again",
    );
    assertEquals(checkout.has(".venv/ready"), false);
  }
});

Deno.test("setup --gpu asks for the room first", async () => {
  using checkout = new FakeCheckout();
  const { root } = checkout;
  assertEquals(
    await installGpuSet({ root, say: () => {}, freeBytes: 9.5e9 }),
    "expected 10 GB free on the disk, got 9.5",
  );
  assertEquals(checkout.has("log"), false);
});

Deno.test("setup --gpu is for Linux on x86_64", () => {
  assertEquals(isGpuPlatform({ os: "linux", arch: "x86_64" }), true);
  assertEquals(isGpuPlatform({ os: "linux", arch: "aarch64" }), false);
  assertEquals(isGpuPlatform({ os: "darwin", arch: "x86_64" }), false);
});

Deno.test("setup --gpu: the locked set has the same versions as requirements.txt, and NVIDIA's packages", () => {
  const read = (name: string) => {
    const text = Deno.readTextFileSync(new URL(name, ROOT));
    return Map.groupBy(text.matchAll(/^([\w.-]+)==(\S+)/gm), ([, name = ""]) => name);
  };
  const gpu = read("requirements-gpu.txt"), plain = read("requirements.txt");
  const versions = (pins: RegExpExecArray[] = []) => pins.map(([, , version]) => version);
  for (const [name, pins] of gpu) {
    if (plain.has(name)) assertEquals(versions(pins), versions(plain.get(name)), name);
  }
  const ours = [...gpu.keys()].filter((name) => !plain.has(name) && !name.startsWith("nvidia-"));
  assertEquals(ours, []);
  assertEquals([...gpu.keys()].filter((name) => name.startsWith("nvidia-")).length, 12);
  assertEquals(sourceFiles(ROOT).includes("requirements-gpu.in"), true);
});
