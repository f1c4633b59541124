import { createHash } from "node:crypto";
import { readText, writeFileAtomically } from "lib/core/mod.ts";
import type { Cell } from "./cells.ts";
import { Claim, type ClaimOptions } from "./claim.ts";
import type { CellResult } from "./train_cell.ts";

/**
 * A folder with the results of cells, one file per cell, and with claims: which process trains
 * which cell.
 *
 * Several processes may share it, also on several machines. A result is never there in part.
 *
 * @example
 * ```ts
 * import { CellStore, planCells } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const store = CellStore.open(`${Deno.makeTempDirSync()}/cells`);
 * const [cell] = planCells({ axes: [], seeds: [1] });
 * assertEquals(store.load(cell!), null); // not trained yet
 * ```
 */
export class CellStore {
  readonly #folder: string;
  readonly #claims: ClaimOptions;

  private constructor(folder: string, claims: ClaimOptions) {
    this.#folder = folder;
    this.#claims = claims;
  }

  /**
   * Opens a folder, and creates it if it is missing.
   *
   * @param folder Its path.
   * @param claims When a claim counts as abandoned.
   */
  static open(folder: string, claims: ClaimOptions = {}): CellStore {
    Deno.mkdirSync(folder, { recursive: true });
    return new CellStore(folder, claims);
  }

  /**
   * Reads the result of a cell.
   *
   * @param cell The cell.
   * @returns The result; null if there is none or its file is damaged, so that the cell is trained
   *   again.
   */
  load({ key }: Pick<Cell, "key">): CellResult | null {
    try {
      const file: unknown = JSON.parse(readText(this.#path(key, "json")));
      return isStored(file) && file.sha256 === checksumOf(file.result) ? file.result : null;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  /**
   * Saves the result of a cell, with all its settings.
   *
   * @param cell The cell.
   * @param result Its result.
   * @throws {FileError} If it cannot be written.
   */
  save({ key, config }: Pick<Cell, "key" | "config">, result: CellResult): void {
    const sha256 = checksumOf(result);
    const text = JSON.stringify({ key, config, result, sha256 }, null, 1);
    writeFileAtomically(this.#path(key, "json"), `${text}\n`);
  }

  /**
   * Takes the right to train a cell.
   *
   * @param cell The cell.
   * @returns The claim, to be disposed of after the result is saved; null if another process has
   *   it.
   */
  claim({ key }: Pick<Cell, "key">): Promise<Claim | null> {
    return Claim.take(this.#path(key, "claim"), this.#claims);
  }

  #path(key: string, ending: string): string {
    return `${this.#folder}/${key}.${ending}`;
  }
}

function isStored(value: unknown): value is { sha256: unknown; result: CellResult } {
  return typeof value === "object" && value !== null && "sha256" in value && "result" in value;
}

/** Finds damage that the schema cannot see: a number with a wrong digit is still a number. */
function checksumOf(result: unknown): string {
  return createHash("sha256").update(JSON.stringify(result) ?? "").digest("hex");
}
