/** Short dialogues with summaries, as many as a test wants: every one different, and the same ones each time. */
export type Dialogue = { examples: string; ground_truth: string };

const PEOPLE = ['Ana', 'Ben', 'Chloe', 'Dev', 'Ewa', 'Finn', 'Grace', 'Hugo', 'Ines', 'Jan', 'Kemal'];
const PLACES = ['the library', 'the harbour', 'the old bakery', 'platform nine', 'the corner café', 'the sports hall'];
const THINGS = ['a ladder', 'two tickets', 'the blue umbrella', 'a box of apples', 'the spare key', 'a birthday cake'];
const TIMES = ['at noon', 'before eight', 'after the rain', 'on Friday', 'in half an hour'];

export function makeDialogues(count: number): Dialogue[] {
  return Array.from({ length: count }, (_, index) => {
    const pick = (list: readonly string[], step: number) => list[Math.floor(index / step) % list.length]!;
    const [first, second] = [pick(PEOPLE, 1), PEOPLE[(index + 1 + (index % 5)) % PEOPLE.length]!];
    const [place, thing, time] = [pick(PLACES, 2), pick(THINGS, 3), pick(TIMES, 5)];
    return {
      examples: [
        `${first}: Can you meet me at ${place} ${time}? I wrote it down as number ${index + 1}.`,
        `${second}: I can, but then somebody has to bring ${thing}.`,
        `${first}: Leave that to me. Is there anything else that we need?`,
        `${second}: Only good weather and a bit of luck.`,
      ].join('\n'),
      ground_truth: `${first} and ${second} will meet at ${place} ${time}, and ${first} brings ${thing} (number ${index + 1}).`,
    };
  });
}

export function toCsv(rows: readonly Record<string, string>[]): string {
  const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const columns = Object.keys(rows[0]!);
  const line = (values: readonly string[]) => `${values.map(quote).join(',')}\n`;
  return line(columns) + rows.map((row) => line(columns.map((column) => row[column]!))).join('');
}

/** Records of a CSV file with every rule of quoting, by column. */
export function parseCsv(text: string): Record<string, string>[] {
  const records: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    records.at(-1)!.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '') break;
    if (end !== ',') records.push([]);
  }
  const [columns, ...rows] = records.filter((record) => record.length > 1 || record[0] !== '');
  return rows.map((row) => Object.fromEntries(columns!.map((column, index) => [column, row[index] ?? ''])));
}
