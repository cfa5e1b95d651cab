/** Names that mean something else to the programs that read the table. */
const RESERVED = ['row_id', '__proto__', 'constructor', 'prototype'];
const MAX_COLUMNS = 1000;
const MAX_NAME = 200;

/** What is wrong with a table's header, in words, or null. */
export function findHeaderProblem(names: readonly string[]): string | null {
  if (names.length > MAX_COLUMNS) return `The header has ${names.length} columns; at most ${MAX_COLUMNS} are allowed.`;
  const seen = new Map<string, string>();
  for (const [i, name] of names.entries()) {
    if (name.trim() === '') return `Column ${i + 1} of the header has no name.`;
    if (name.includes('\0') || !name.isWellFormed())
      return `The name of column ${i + 1} holds a NUL or half a character (a lone surrogate).`;
    if (name.length > MAX_NAME) return `The name of column ${i + 1} is longer than ${MAX_NAME} characters.`;
    if (/[{}]/.test(name)) return `The column name "${name}" contains a brace, which a prompt template cannot name.`;
    if (RESERVED.includes(name.toLowerCase())) return `The column name "${name}" is reserved: give it another.`;
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      return twin === name
        ? `The header names "${name}" twice.`
        : `The header names "${twin}" and "${name}", which differ only in upper and lower case.`;
    }
    seen.set(name.toLowerCase(), name);
  }
  return null;
}
