import type { Grade } from "./results.ts";

/** Two submissions whose code is very similar. */
export interface Similar {
  /** The notebook, such as `01_data`. */
  readonly notebook: string;
  /** The two students. */
  readonly students: readonly [string, string];
  /** The share of the smaller submission's code that the other contains too, from 0 to 1. */
  readonly share: number;
  /** The names of the answers whose code is exactly the same. */
  readonly same: readonly string[];
}

/** Code is compared in pieces of 24 characters; a piece that many students have is not counted. */
const PIECE = 24, MANY = 0.25, SHARE = 0.7, FEWEST = 150;

/**
 * Finds submissions that share code which few others have. A person should look at them; it proves nothing.
 *
 * @param grades The grades of a class.
 */
export function similarSubmissions(grades: readonly Grade[]): Similar[] {
  const found = [...Map.groupBy(grades, ({ notebook }) => notebook)].flatMap(([, group]) =>
    pairsOf(group)
  );
  return found.toSorted((a, b) => b.share - a.share);
}

function pairsOf(grades: readonly Grade[]): Similar[] {
  const pieces = grades.map(({ code }) => piecesOf(Object.values(code)));
  const counts = new Map<string, number>();
  for (const own of pieces) {
    for (const piece of own) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  const most = Math.max(2, MANY * grades.length);
  const rare = pieces.map((own) =>
    new Set([...own].filter((piece) => (counts.get(piece) ?? 0) <= most))
  );
  return grades.flatMap((a, i) =>
    grades.slice(i + 1).flatMap((b, j): Similar[] => {
      const [mine, yours] = [rare[i] ?? new Set(), rare[i + 1 + j] ?? new Set()];
      const smaller = Math.min(mine.size, yours.size);
      const share = smaller === 0 ? 0 : mine.intersection(yours).size / smaller;
      if (share < SHARE || smaller < FEWEST) return [];
      const same = Object.keys(a.code).filter((name) => a.code[name] === b.code[name]);
      return [{ notebook: a.notebook, students: [a.student, b.student], share, same }];
    })
  );
}

function piecesOf(codes: readonly string[]): Set<string> {
  const pieces = new Set<string>();
  for (const code of codes) {
    for (let start = 0; start + PIECE <= code.length; start++) {
      pieces.add(code.slice(start, start + PIECE));
    }
  }
  return pieces;
}
