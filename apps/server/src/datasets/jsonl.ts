import { MAX_CELL_BYTES, MAX_COLUMNS } from '@touchstone/schemas';
import { TableProblem } from './problem.ts';
import type { RowSink, TableParser } from './table-parser.ts';

const LF = 0x0a;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
export const MAX_DEPTH = 64;

/**
 * JSON Lines: an object on each line; empty lines are no rows. A string is its characters; a number, true and false are as written
 * (`1e5` stays `1e5`); null is blank; an object or array is its JSON without white space.
 */
function createJsonlParser(onRow: (row: Map<string, string>, line: number) => void): TableParser {
  let line = 1;
  let rest: Buffer[] = [];
  let restBytes = 0;

  function readLine(bytes: Buffer): void {
    const text = bytes.toString();
    if (text.trim() !== '') onRow(readObject(text, line), line);
    line += 1;
  }
  function keep(bytes: Buffer): void {
    restBytes += bytes.length;
    if (restBytes > MAX_LINE_BYTES) {
      throw new TableProblem(`Line ${line} is longer than ${MAX_LINE_BYTES / 1024 / 1024} MB.`);
    }
    if (bytes.length > 0) rest.push(Buffer.from(bytes));
  }
  function takeRest(): Buffer {
    const whole = Buffer.concat(rest);
    rest = [];
    restBytes = 0;
    return whole;
  }

  return {
    push(piece) {
      let start = 0;
      for (let end = piece.indexOf(LF); end !== -1; end = piece.indexOf(LF, start)) {
        if (restBytes === 0) readLine(piece.subarray(start, end));
        else {
          keep(piece.subarray(start, end));
          readLine(takeRest());
        }
        start = end + 1;
      }
      keep(piece.subarray(start));
    },
    end() {
      if (restBytes > 0) readLine(takeRest());
    },
    line: () => line,
  };
}

/** First time through: every line is checked, and the keys are gathered in the order in which they appear. */
export function createKeyScanner(): TableParser & { names: () => string[] } {
  const names = new Set<string>();
  const parser = createJsonlParser((row, line) => {
    for (const name of row.keys()) names.add(name);
    if (names.size > MAX_COLUMNS) {
      throw new TableProblem(
        `By line ${line} there are more than ${MAX_COLUMNS} different keys; at most ${MAX_COLUMNS} are allowed.`,
      );
    }
  });
  return { ...parser, names: () => [...names] };
}

/** Second time: a row for each line, blank where it lacks a key. */
export function createJsonlTableParser(names: readonly string[], sink: RowSink): TableParser {
  return createJsonlParser((row) => {
    for (const name of names) sink.text(row.get(name) ?? '');
    sink.endRow();
  });
}

/** An object's keys and their values as text. @throws TableProblem that names the line. */
export function readObject(text: string, line: number): Map<string, string> {
  try {
    JSON.parse(text);
  } catch (error) {
    const what = (error as Error).message.replace(
      / in JSON at position (\d+).*$/s,
      (_, at) => ` at character ${Number(at) + 1}`,
    );
    const hint =
      line === 1 && text.trim() === '['
        ? ' The file seems to be one JSON array: write each of its objects on a line of its own.'
        : '';
    throw new TableProblem(`Line ${line} is not valid JSON: ${what}.${hint}`);
  }
  // The text is valid JSON, so that from here on only its tokens are told apart.
  let i = skipSpace(text, 0);
  if (text[i] !== '{') {
    throw new TableProblem(`Line ${line} is not an object. Each line must be one, such as {"examples": "…"}.`);
  }
  const row = new Map<string, string>();
  i = skipSpace(text, i + 1);
  while (text[i] !== '}') {
    const keyEnd = endOfString(text, i);
    const key = readString(text.slice(i, keyEnd));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start, () => {
      throw new TableProblem(`Line ${line}: "${key}" is nested more than ${MAX_DEPTH} deep.`);
    });
    const value = toText(text.slice(start, end));
    if (row.has(key)) throw new TableProblem(`Line ${line} has the key "${key}" twice.`);
    if (!key.isWellFormed() || !value.isWellFormed()) {
      throw new TableProblem(`Line ${line}: "${key.toWellFormed()}" holds half a character (a lone surrogate).`);
    }
    if (value.includes('\0')) throw new TableProblem(`Line ${line}: "${key}" contains a NUL character.`);
    if (Buffer.byteLength(value) > MAX_CELL_BYTES) {
      throw new TableProblem(`Line ${line}: the value of "${key}" is longer than 1 MB.`);
    }
    row.set(key, value);
    i = skipSpace(text, end);
    if (text[i] === ',') i = skipSpace(text, i + 1);
  }
  return row;
}

const readString = (token: string): string => (token.includes('\\') ? JSON.parse(token) : token.slice(1, -1));

function toText(token: string): string {
  if (token[0] === '"') return readString(token);
  if (token === 'null') return '';
  if (token[0] === '{' || token[0] === '[')
    return token.replaceAll(/"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g, (part) => (part[0] === '"' ? part : ''));
  return token;
}

function skipSpace(text: string, from: number): number {
  let i = from;
  while (text[i] === ' ' || text[i] === '\t' || text[i] === '\r' || text[i] === '\n') i += 1;
  return i;
}

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

function endOfValue(text: string, from: number, refuseDepth: () => never): number {
  if (text[from] === '"') return endOfString(text, from);
  let depth = 0;
  let i = from;
  do {
    const character = text[i];
    if (character === '"') {
      i = endOfString(text, i);
      continue;
    }
    if (
      depth === 0 &&
      (character === ',' || character === '}' || character === ' ' || character === '\t' || character === '\r')
    )
      break;
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > MAX_DEPTH) refuseDepth();
    i += 1;
  } while (depth > 0 || /[^,}\s]/.test(text[i]!));
  return i;
}
