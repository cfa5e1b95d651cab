import { isUtf8 } from 'node:buffer';
import { TableProblem } from './problem.ts';
import type { TableParser } from './table-parser.ts';

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Feeds a parser with the text in bytes: UTF-8 with or without a byte order mark, UTF-16 with one. Throws TableProblem. */
export type TextReader = { push(bytes: Buffer): void; end(): void };

/** `head`: the file's first bytes, at least four of them where there are so many. */
export function createTextReader(parser: TableParser, head: Buffer): TextReader {
  if (head.length >= 4 && head.readUInt16LE(0) === 0xfeff && head.readUInt16LE(2) === 0) {
    throw new TableProblem('The text is UTF-32. Save the file as UTF-8 and upload it again.');
  }
  if (head[0] === 0xff && head[1] === 0xfe) return createUtf16Reader(parser, 'utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return createUtf16Reader(parser, 'utf-16be');
  if (head.length >= 4 && (head[0] === 0) !== (head[1] === 0) && (head[2] === 0) !== (head[3] === 0)) {
    throw new TableProblem(
      'The text seems to be UTF-16 without a byte order mark. Save the file as UTF-8 and upload it again.',
    );
  }
  return createUtf8Reader(parser, head.subarray(0, 3).equals(UTF8_BOM) ? 3 : 0);
}

const sizeOfCharacter = (first: number) => (first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2);

/** Bytes at the end that begin a character and do not finish it. */
function countUnfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < sizeOfCharacter(byte) ? back : 0;
  }
  return 0;
}

const NO_TEXT = 'This is not a text file. Write its rows into a CSV, JSON Lines or Parquet file.';

const countLines = (text: Buffer) => text.toString('latin1').split(/\r\n|\r|\n/).length - 1;

/** Whether so many bytes are control characters that this is no text in any encoding. */
function isBinary(bytes: Buffer): boolean {
  const part = bytes.subarray(0, 4096);
  const controls = part.filter(
    (byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c,
  );
  return controls.length > part.length / 20;
}

function pushChecked(parser: TableParser, text: Buffer): void {
  const nul = text.indexOf(0);
  if (nul === -1) {
    parser.push(text);
    return;
  }
  if (isBinary(text)) throw new TableProblem(NO_TEXT);
  parser.push(text.subarray(0, nul));
  throw new TableProblem(`Line ${parser.line()} contains a NUL byte: this is not a text file.`);
}

const REPLACEMENT = Buffer.from('\ufffd');

/** Where the first byte is that no UTF-8 character has there. */
function findWrongByte(bytes: Buffer): number {
  let at = 0;
  // A replacement character stands for what is wrong, unless it is written itself.
  for (const valid of new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\ufffd')) {
    at += Buffer.byteLength(valid);
    if (!bytes.subarray(at, at + REPLACEMENT.length).equals(REPLACEMENT)) return at;
    at += REPLACEMENT.length;
  }
  return bytes.length;
}

function createUtf8Reader(parser: TableParser, bom: number): TextReader {
  let skip = bom;
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes of the file before those that are read. */
  let offset = bom;

  function pushText(text: Buffer): void {
    if (isUtf8(text)) {
      pushChecked(parser, text);
      offset += text.length;
      return;
    }
    if (isBinary(text)) throw new TableProblem(NO_TEXT);
    // What is right before it may be wrong for another reason, which comes first.
    const at = findWrongByte(text);
    pushChecked(parser, text.subarray(0, at));
    const byte = text[at]!.toString(16).toUpperCase();
    throw new TableProblem(
      `Line ${parser.line()} is not UTF-8: byte ${offset + at + 1} of the file is 0x${byte}, which no character has there. Save the file as "CSV UTF-8" (or UTF-16 with a byte order mark) and upload it again.`,
    );
  }

  return {
    push(bytes) {
      let from = Math.min(skip, bytes.length);
      skip -= from;
      if (rest.length > 0) {
        const missing = Math.min(sizeOfCharacter(rest[0]!) - rest.length, bytes.length - from);
        rest = Buffer.concat([rest, bytes.subarray(from, from + missing)]);
        from += missing;
        if (rest.length < sizeOfCharacter(rest[0]!)) return;
        pushText(rest);
      }
      const to = bytes.length - countUnfinished(bytes.subarray(from));
      rest = Buffer.from(bytes.subarray(to));
      if (to > from) pushText(bytes.subarray(from, to));
    },
    end() {
      if (rest.length > 0) pushText(rest);
      parser.end();
    },
  };
}

function createUtf16Reader(parser: TableParser, encoding: 'utf-16le' | 'utf-16be'): TextReader {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (bytes?: Buffer) => {
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      const after = bytes ? countLines(bytes) : 0;
      throw new TableProblem(
        `The text is not whole UTF-16 (near line ${parser.line() + after}). Save the file as UTF-8 and upload it again.`,
      );
    }
    if (text !== '') pushChecked(parser, Buffer.from(text));
  };
  return {
    push: decode,
    end() {
      decode();
      parser.end();
    },
  };
}
