/** Takes a table a value at a time, in the order of the file. */
export type RowSink = {
  /** Once, before the first row. @throws TableProblem where these cannot be columns. */
  columns(names: string[]): void;
  /** The row's next value: UTF-8 in `buffer`, which is only good during the call. */
  cell(buffer: Buffer, start: number, end: number): void;
  text(value: string): void;
  endRow(): void;
};

/** Reads a table out of pieces of UTF-8 text, as they come; each method throws TableProblem on the first thing that is wrong. */
export type TableParser = {
  /** A piece may end anywhere but within a character. */
  push(piece: Buffer): void;
  end(): void;
  /** The line that is being read, from 1. */
  line(): number;
};
