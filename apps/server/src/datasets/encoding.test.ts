import { expect, test } from 'vitest';
import { createCsvParser } from './csv.ts';
import { TableProblem } from './problem.ts';
import { collectRows, feed } from './testing.ts';

const TEXT = 'a,b\nGrüße,東京 😀\n';
const utf16 = (text: string, isBig: boolean) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};

test.each([
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
  ['UTF-16 little endian', utf16(TEXT, false)],
  ['UTF-16 big endian', utf16(TEXT, true)],
])('%s is read, whatever the pieces', (_, bytes) => {
  for (let size = 1; size <= bytes.length; size++) {
    const { sink, table } = collectRows();
    feed(createCsvParser(sink), bytes, size);
    expect(table).toEqual([
      ['a', 'b'],
      ['Grüße', '東京 😀'],
    ]);
  }
});

test.each([
  [
    'UTF-16 without a byte order mark',
    Buffer.from(TEXT, 'utf16le'),
    /UTF-16 without a byte order mark.*Save the file as UTF-8/,
  ],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /UTF-32.*Save the file as UTF-8/],
  ['Latin-1', Buffer.from('a\nx\nGrüße\n', 'latin1'), /^Line 3 is not UTF-8/],
  [
    'half a character in UTF-16',
    Buffer.concat([utf16('a\nb\n', false), Buffer.from([0x3d, 0xd8, 0x0a, 0x00])]),
    /not whole UTF-16/,
  ],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452000001f4000001f4080600000000', 'hex'), /not a text file/],
  ['control characters', Buffer.from(`a\n${'\x01\x02\x03\x04'.repeat(10)}\0\n`), /not a text file/],
])('%s is refused', (_, bytes, message) => {
  const read = () => feed(createCsvParser(collectRows().sink), bytes, 4096);
  expect(read).toThrow(TableProblem);
  expect(read).toThrow(message);
});
