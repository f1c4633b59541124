/**
 * Prepares a folder in which Windows' Deno and TensorFlow run under Wine: Wine's own files, their
 * files, a copy of the checkout, and what Wine lacks.
 *
 * @module
 */
import { ROOT } from "lib/authoring/mod.ts";
import { ConfigError, programPath } from "lib/core/mod.ts";

/** A Wine that can run the project. */
export interface Wine {
  /** The copy of the checkout. */
  readonly checkout: string;
  /** Runs Windows' Deno there with this process's streams; returns the exit code. */
  deno(args: readonly string[]): Promise<number>;
}

const COMPILER = "x86_64-w64-mingw32-gcc";

/** The version of Python whose wheels are used. */
const PYTHON = "3.12";

/**
 * The packages that are used from the locked set: Python itself, and programs that need it, do not
 * run here.
 */
const PACKAGES = ["deno", "tensorflow-cpu", "msvc-runtime"];

/** Unpacks the wheels' files into an environment with Windows' layout. */
const UNPACK = `
import os, re, sys, zipfile
for wheel in os.listdir(sys.argv[1]):
    with zipfile.ZipFile(os.path.join(sys.argv[1], wheel)) as archive:
        for name in archive.namelist():
            place = re.sub(r"^[^/]+[.]data/(scripts|data/Scripts)/", "Scripts/", name)
            if name == "tensorflow/python/_pywrap_tensorflow_common.dll":
                place = "Lib/site-packages/" + name
            if place == name: continue
            path = os.path.join(sys.argv[2], place)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(name) as source, open(path, "wb") as target:
                while block := source.read(1 << 24): target.write(block)
`;

/** The only function of this library that Deno needs. */
const RANDOM_LIBRARY = `
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
  return SystemFunction036(data, (ULONG)size);
}
`;

/**
 * Prepares the folder if needed, and updates the copy of the checkout.
 *
 * @param folder The folder; about 2 GB are downloaded into it.
 * @param say Called with a line about each step.
 */
export async function prepareWine(folder: string, say: (line: string) => void): Promise<Wine> {
  for (const program of ["wine", COMPILER]) await assertThere(program);
  const checkout = `${folder}/checkout`, environment = `${checkout}/.venv`;
  const scripts = `${environment}/Scripts`, home = `${folder}/python`;
  for (const path of [scripts, home]) Deno.mkdirSync(path, { recursive: true });
  const wine: Wine = {
    checkout,
    deno: (args) => run("wine", [`${scripts}/deno.exe`, ...args], { folder, cwd: checkout }),
  };
  if (!exists(`${environment}/ready`)) {
    say("fetching Deno and TensorFlow for Windows (400 MB, once)");
    await fetchPackages(`${folder}/wheels`, environment);
    say("making what Wine lacks");
    hideFunction(`${scripts}/deno.exe`, "VirtualAlloc2");
    await compile(RANDOM_LIBRARY, `${scripts}/bcryptprimitives.dll`);
    const library = `${environment}/Lib/site-packages/tensorflow/python`;
    const names = await importedNames(`${library}/_pywrap_tensorflow_common.dll`, "python");
    const places = names.map((name) => `__declspec(dllexport) void *${name}[64];`);
    await compile(places.join("\n"), `${home}/python${PYTHON.replace(".", "")}.dll`);
    const settings = [`home = Z:${home.replaceAll("/", "\\")}`, `version = ${PYTHON}.0`, ""];
    Deno.writeTextFileSync(`${environment}/pyvenv.cfg`, settings.join("\r\n"));
    await run("wine", ["winecfg", "-v", "win10"], { folder });
  }
  await copyCheckout(checkout);
  if (!exists(`${environment}/ready`)) {
    say("fetching npm packages");
    await wine.deno(["install", "--frozen", "--quiet"]);
    Deno.writeTextFileSync(`${environment}/ready`, "");
  }
  return wine;
}

async function assertThere(program: string): Promise<void> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new ConfigError(
      `Cannot run Windows' programs: expected ${program}, got none\n` +
        "Cure: apt install wine gcc-mingw-w64-x86-64 (Debian)",
      { cause },
    );
  }
}

/**
 * Runs a program that must succeed. Wine is an exception: it returns the exit code of the program
 * in it.
 */
async function run(
  program: string,
  args: readonly string[],
  { folder = "", cwd = ROOT }: { folder?: string; cwd?: string } = {},
): Promise<number> {
  const { code } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: {
      WINEPREFIX: `${folder}/prefix`,
      WINEDEBUG: "-all",
      WINEDLLOVERRIDES: "mscoree,mshtml=", // otherwise Wine asks to install them
      ONEDNN_MAX_CPU_ISA: "AVX512_CORE_FP16", // Wine stops at AMX instructions
      DENO_NO_UPDATE_CHECK: "1",
    },
    stdin: "null",
  }).spawn().status;
  if (code === 0 || program === "wine") return code;
  throw new ConfigError(`Cannot prepare Wine: expected ${program} to succeed, got code ${code}`);
}

async function fetchPackages(wheels: string, environment: string): Promise<void> {
  const list = `${wheels}.txt`, python = programPath(`${ROOT}/.venv`, "python");
  const entries = Deno.readTextFileSync(`${ROOT}/requirements.txt`).split(/\n(?=\S)/);
  // If a package has several entries for versions of Python, the last one is for the newest. Its
  // marker is left out, since pip would evaluate it for this system.
  const chosen = PACKAGES.map((name) => entries.findLast((entry) => entry.startsWith(`${name}==`)));
  Deno.writeTextFileSync(
    list,
    chosen.map((entry) => entry?.replace(/ ; .*\\$/m, " \\")).join("\n"),
  );
  await run(python, [
    ...[
      "-m",
      "pip",
      "download",
      "--quiet",
      "--require-hashes",
      "--no-deps",
      "--only-binary",
      ":all:",
    ],
    ...["--platform", "win_amd64", "--python-version", PYTHON, "--dest", wheels, "-r", list],
  ]);
  await run(python, ["-c", UNPACK, wheels, environment]);
}

/**
 * Changes the first letter of a function's name in a program, so that the function is not found.
 */
function hideFunction(path: string, name: string): void {
  const bytes = Deno.readFileSync(path), wanted = new TextEncoder().encode(`\0${name}\0`);
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) {
    if (!wanted.every((byte, i) => bytes[at + i] === byte)) continue;
    bytes[at + 1] = "X".charCodeAt(0);
    return Deno.writeFileSync(path, bytes);
  }
}

/** The names that a DLL imports from another DLL, given the beginning of its name. */
async function importedNames(path: string, library: string): Promise<string[]> {
  const child = new Deno.Command("x86_64-w64-mingw32-objdump", {
    args: ["-p", path],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // The rest of the output, half a gigabyte, is not read.
  const part = RegExp(`DLL Name: ${library}[^]*?(?=DLL Name: )`);
  let text = "", found: string | undefined;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    found = part.exec(text)?.[0];
    if (found !== undefined) break;
  }
  await child.status;
  return [...(found ?? "").matchAll(/^\s+[0-9a-f]+\s+\d+\s+(\w+)/gm)].map(([, name = ""]) => name);
}

async function compile(code: string, library: string): Promise<void> {
  Deno.writeTextFileSync(`${library}.c`, code);
  const options = ["-shared", "-O1", "-w", "-fno-builtin"];
  await run(COMPILER, [...options, "-o", library, `${library}.c`, "-ladvapi32"]);
}

/**
 * Copies the files that Git knows. Wine cannot make links, so npm's packages come from Deno's
 * cache.
 */
async function copyCheckout(checkout: string): Promise<void> {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files", "-z"], cwd: ROOT })
    .output();
  for (const name of new TextDecoder().decode(stdout).split("\0")) {
    if (name === "" || !exists(`${ROOT}/${name}`)) continue;
    Deno.mkdirSync(`${checkout}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
    Deno.copyFileSync(`${ROOT}/${name}`, `${checkout}/${name}`);
  }
  const config = Deno.readTextFileSync(`${ROOT}/deno.json`);
  const cached = config.replace('"nodeModulesDir": "auto"', '"nodeModulesDir": "none"');
  Deno.writeTextFileSync(`${checkout}/deno.json`, cached);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
