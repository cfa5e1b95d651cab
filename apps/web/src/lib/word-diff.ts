/** What two texts share, word by word, in the order of the second. */
export type DiffPart = { kind: 'same' | 'added' | 'removed'; text: string };

/** Cells of the table of common words: beyond them two texts take longer to compare than a person waits. */
const MOST_CELLS = 4_000_000;

/** A word with the white space after it; the white space alone makes no difference. */
const tokenize = (text: string): string[] => text.match(/\S+\s*|^\s+/g) ?? [];

/**
 * The fewest words added and removed that make `after` of `before` (longest common subsequence, Hunt & McIlroy 1976). Null: the texts
 * are too long to compare.
 */
export function diffWords(before: string, after: string): DiffPart[] | null {
  const old = tokenize(before);
  const now = tokenize(after);
  const words = [old.map((token) => token.trimEnd()), now.map((token) => token.trimEnd())] as const;
  const isSame = (i: number, j: number) => words[0][i] === words[1][j];
  let start = 0;
  while (start < old.length && start < now.length && isSame(start, start)) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && isSame(old.length - 1 - end, now.length - 1 - end)) {
    end++;
  }
  const [rows, columns] = [old.length - start - end, now.length - start - end];
  if (rows * columns > MOST_CELLS) return null;
  // common[i][j]: how many words the rest of both has in common from i and j on.
  const common = new Uint16Array((rows + 1) * (columns + 1));
  const at = (i: number, j: number) => i * (columns + 1) + j;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      common[at(i, j)] = isSame(start + i, start + j)
        ? common[at(i + 1, j + 1)]! + 1
        : Math.max(common[at(i + 1, j)]!, common[at(i, j + 1)]!);
    }
  }
  const parts: DiffPart[] = [];
  const add = (kind: DiffPart['kind'], text: string) => {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  for (const token of now.slice(0, start)) add('same', token);
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && isSame(start + i, start + j)) {
      add('same', now[start + j]!);
      i++;
      j++;
    } else if (j === columns || (i < rows && common[at(i + 1, j)]! >= common[at(i, j + 1)]!)) {
      add('removed', old[start + i]!);
      i++;
    } else {
      add('added', now[start + j]!);
      j++;
    }
  }
  for (const token of now.slice(now.length - end)) add('same', token);
  return parts;
}
