import { MAX_CELL_BYTES, MAX_COLUMNS } from '@touchstone/schemas';
import { TableProblem } from './problem.ts';
import type { RowSink, TableParser } from './table-parser.ts';

const COMMA = 0x2c;
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** What the next byte belongs to. `closed`: it follows a quote in a quoted value, which ends the value or is doubled. */
type At = 'record' | 'field' | 'plain' | 'quoted' | 'closed';

/** Leaves one of every two quotes. @returns where the value ends now. */
function undoubleQuotes(bytes: Buffer, start: number, end: number): number {
  let to = start;
  for (let from = start; from < end; from++) {
    const byte = bytes[from]!;
    bytes[to++] = byte;
    if (byte === QUOTE) from += 1;
  }
  return to;
}

/**
 * A CSV file (RFC 4180), the header first, each value as written. Lines with nothing on them are no records. Where every record
 * leaves out the same last columns (some programs write empty ones so), these are empty.
 */
export function createCsvParser(sink: RowSink): TableParser {
  const names: string[] = [];
  let isHeader = true;
  /** Values that each record has. */
  let width: number | null = null;
  let fields = 0;
  let at: At = 'record';
  let line = 1;
  let recordLine = 1;
  let fieldLine = 1;
  let hasDoubledQuotes = false;
  let endedByCr = false;
  /** The value that the last piece ended in, from its first byte, then the piece that is read. */
  let buffer = Buffer.allocUnsafe(64 * 1024);
  let rest = 0;

  function checkCell(bytes: number): void {
    if (bytes <= MAX_CELL_BYTES) return;
    const column = isHeader || names[fields] === undefined ? `number ${fields + 1}` : `of "${names[fields]}"`;
    const hint = at === 'quoted' ? ': is a quote left open?' : '.';
    throw new TableProblem(`The value ${column} that begins on line ${fieldLine} is longer than 1 MB${hint}`);
  }

  function endField(start: number, end: number): void {
    checkCell(end - start);
    const to = hasDoubledQuotes ? undoubleQuotes(buffer, start, end) : end;
    if (!isHeader) {
      if (fields < names.length) sink.cell(buffer, start, to);
    } else if (fields < 10 * MAX_COLUMNS) names.push(buffer.toString('utf8', start, to));
    hasDoubledQuotes = false;
    fields += 1;
  }

  function endRecord(): void {
    at = 'record';
    const count = fields;
    fields = 0;
    if (isHeader) {
      isHeader = false;
      sink.columns(names);
      return;
    }
    width ??= Math.min(count, names.length);
    if (count !== width) {
      throw new TableProblem(
        `Line ${recordLine} has ${count} ${count === 1 ? 'value' : 'values'}, ${width === names.length ? 'the header' : 'the line before'} has ${width}. A value that contains a comma needs "quotes" around it.`,
      );
    }
    for (let i = count; i < names.length; i++) sink.text('');
    sink.endRow();
  }

  /** After a value: `byte` is what ended it. */
  function endWith(byte: number): void {
    if (byte === COMMA) {
      at = 'field';
      return;
    }
    line += 1;
    endedByCr = byte === CR;
    endRecord();
  }

  function refuseQuote(): never {
    const where =
      line === fieldLine
        ? `Line ${line} has a quote inside a value`
        : `Line ${line} has a quote inside the value that begins with a quote on line ${fieldLine}`;
    throw new TableProblem(`${where}. Put the whole value in quotes and double the quotes in it: "say ""yes""".`);
  }

  function push(piece: Buffer): void {
    const length = rest + piece.length;
    if (length > buffer.length) {
      const larger = Buffer.allocUnsafe(length * 2);
      buffer.copy(larger, 0, 0, rest);
      buffer = larger;
    }
    piece.copy(buffer, rest);
    let i = rest;
    let start = 0;
    while (i < length) {
      let byte = buffer[i]!;
      switch (at) {
        case 'record':
          // A line end here is that of an empty line, or the second half of CRLF.
          if (byte === LF || byte === CR) {
            if (byte === CR || !endedByCr) line += 1;
            endedByCr = byte === CR;
            i += 1;
            break;
          }
          endedByCr = false;
          recordLine = line;
          at = 'field';
          break;
        case 'field':
          fieldLine = line;
          if (byte === QUOTE) {
            i += 1;
            at = 'quoted';
          } else at = 'plain';
          start = i;
          break;
        case 'plain':
          while (byte !== COMMA && byte !== LF && byte !== CR && byte !== QUOTE && ++i < length) byte = buffer[i]!;
          if (i === length) break;
          if (byte === QUOTE) refuseQuote();
          endField(start, i);
          endWith(byte);
          i += 1;
          break;
        case 'quoted':
          while (byte !== QUOTE) {
            if (byte === CR || (byte === LF && (i === start || buffer[i - 1] !== CR))) line += 1;
            if (++i === length) break;
            byte = buffer[i]!;
          }
          if (i === length) break;
          i += 1;
          at = 'closed';
          break;
        case 'closed':
          if (byte === QUOTE) {
            hasDoubledQuotes = true;
            at = 'quoted';
          } else {
            if (byte !== COMMA && byte !== LF && byte !== CR) refuseQuote();
            endField(start, i - 1);
            endWith(byte);
          }
          i += 1;
          break;
      }
    }
    const isWithin = at === 'plain' || at === 'quoted' || at === 'closed';
    if (isWithin) checkCell(length - start);
    rest = isWithin ? length - start : 0;
    buffer.copyWithin(0, start, start + rest);
  }

  return {
    push,
    end() {
      if (at === 'record') return;
      if (at === 'quoted') throw new TableProblem(`A quote opens on line ${fieldLine} and is never closed.`);
      endField(0, at === 'closed' ? rest - 1 : rest);
      endRecord();
    },
    line: () => line,
  };
}
