/**
 * Cuts files into pieces, for a transfer that takes only small files; `gpu_trial.sh` joins them
 * again.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";

/** The checksum files with which `sha256sum --check` finds missing or damaged files. */
export const PIECE_SUMS = "PIECES.sha256", FILE_SUMS = "FILES.sha256";

/**
 * Cuts files into pieces, `NAME.piece-000` and so on, and writes checksums of all pieces and all
 * files beside them.
 *
 * @param paths The files; their names must differ.
 * @param folder Where the pieces go; created if it is missing.
 * @param bytes The largest size of a piece.
 * @returns The pieces' names.
 */
export function cutFiles(paths: readonly string[], folder: string, bytes: number): string[] {
  Deno.mkdirSync(folder, { recursive: true });
  const pieces: string[] = [], pieceSums: string[] = [], fileSums: string[] = [];
  for (const path of paths) {
    using file = Deno.openSync(path);
    const name = basename(path), whole = createHash("sha256");
    let isEnd = false;
    for (let number = 0; !isEnd; number++) {
      const content = readUpTo(file, bytes);
      isEnd = content.length < bytes;
      if (content.length === 0 && number > 0) break; // the file ended with the last piece
      const piece = `${name}.piece-${String(number).padStart(3, "0")}`;
      Deno.writeFileSync(join(folder, piece), content);
      pieces.push(piece);
      pieceSums.push(`${createHash("sha256").update(content).digest("hex")}  ${piece}\n`);
      whole.update(content);
    }
    fileSums.push(`${whole.digest("hex")}  ${name}\n`);
  }
  Deno.writeTextFileSync(join(folder, PIECE_SUMS), pieceSums.join(""));
  Deno.writeTextFileSync(join(folder, FILE_SUMS), fileSums.join(""));
  return pieces;
}

/** The next bytes of a file; fewer than asked for only at its end. */
function readUpTo(file: Deno.FsFile, bytes: number): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(bytes);
  let filled = 0;
  while (filled < bytes) {
    const read = file.readSync(content.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return content.subarray(0, filled);
}
