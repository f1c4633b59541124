/**
 * Makes an empty folder that is removed once the test file has run.
 *
 * @returns Its path.
 */
export function temporaryFolder(): string {
  const path = Deno.makeTempDirSync();
  addEventListener("unload", () => Deno.removeSync(path, { recursive: true }));
  return path;
}
