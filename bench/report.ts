/** What was measured, as a table of values, limits and ratios. */
export type Result = {
  what: string;
  value: number;
  unit: string;
  /** Left out: only to be read. */
  limit?: number;
  /** How the value came about. */
  note: string;
};

/** The result in the middle, with the others in its note. */
export function median(results: readonly Result[]): Result {
  const sorted = [...results].sort((a, b) => a.value - b.value);
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  const all = results.map(({ value }) => value.toFixed(2)).join(', ');
  return { ...middle, note: `${middle.note}; median of ${all}` };
}

export function printTable(results: readonly Result[]): void {
  const lines = [
    ['', 'measured', 'limit', 'ratio', '', ''],
    ...results.map(({ what, value, unit, limit, note }) => [
      what,
      `${value.toFixed(2)} ${unit}`,
      limit === undefined ? '' : `${limit.toFixed(2)} ${unit}`,
      limit ? (value / limit).toFixed(2) : '',
      limit === undefined ? '' : value <= limit ? 'within' : 'OVER',
      note,
    ]),
  ];
  printColumns(lines, [1, 2, 3]);
}

/** Columns as wide as their longest entry; those named are aligned at the right. */
export function printColumns(lines: readonly (readonly string[])[], right: readonly number[]): void {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  console.log();
  for (const line of lines) {
    const cells = line.map((text, column) =>
      right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
    );
    console.log(cells.join('  ').trimEnd());
  }
}
