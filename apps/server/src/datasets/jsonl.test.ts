import { expect, test } from 'vitest';
import { createJsonlTableParser, createKeyScanner, readObject } from './jsonl.ts';
import { TableProblem } from './problem.ts';
import { collectRows, feed } from './testing.ts';

function read(text: string, size = 5): string[][] {
  const scanner = createKeyScanner();
  feed(scanner, text, size);
  const { sink, table } = collectRows();
  feed(createJsonlTableParser(scanner.names(), sink), text, size);
  return [scanner.names(), ...table];
}

test('values are as written, keys are gathered over all lines', () => {
  const text = [
    '\ufeff{"s": " x ", "n": 1e5, "t": true}',
    '',
    '{"n":-0.10,"s":"a \\"b\\"\\n\\u00e9","z":null}\r',
    '  {"o": {"b": [1, 2.50 , "a b"], "c": { } }, "n":0}  ',
    '{}',
  ].join('\n');
  expect(read(text)).toEqual([
    ['s', 'n', 't', 'z', 'o'],
    [' x ', '1e5', 'true', '', ''],
    ['a "b"\né', '-0.10', '', '', ''],
    ['', '0', '', '', '{"b":[1,2.50,"a b"],"c":{}}'],
    ['', '', '', '', ''],
  ]);
});

test('numbers whose digits a float would not keep', () => {
  expect(readObject('{"a": 12345678901234567890, "b": 1.0, "c": 1E+2}', 1)).toEqual(
    new Map([
      ['a', '12345678901234567890'],
      ['b', '1.0'],
      ['c', '1E+2'],
    ]),
  );
});

const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

test('64 deep is taken', () => {
  expect(readObject(nested(64), 1).get('a')).toHaveLength(128);
});

test.each([
  ['a leading zero', '{"a":1}\n{"a":007}', /^Line 2 is not valid JSON/],
  ['CSV', 'a,b\n1,2', /^Line 1 is not valid JSON/],
  ['single quotes', "{'a':1}", /^Line 1 is not valid JSON/],
  ['an array', '[{"a":1}]', /^Line 1 is not an object/],
  ['an array over lines', '[\n{"a":1}\n]', /^Line 1 is not valid JSON.*one JSON array/],
  ['a scalar', '{"a":1}\n\n"x"', /^Line 3 is not an object/],
  ['an object over lines', '{"a":\n1}', /^Line 1 is not valid JSON/],
  ['a key twice', '{"a":1,"a":2}', /^Line 1 has the key "a" twice/],
  ['65 deep', nested(65), /^Line 1: "a" is nested more than 64 deep/],
  ['100,000 deep', nested(100_000), /^Line 1: "a" is nested more than 64 deep/],
  ['half a character', '{"a":"\\ud83d"}', /^Line 1: "a" holds half a character/],
  ['a NUL', '{"a":"\\u0000"}', /^Line 1: "a" contains a NUL/],
  [
    'a cell over 1 MB',
    `{"a":1}\n{"a":"${'x'.repeat(1024 * 1024 + 1)}"}`,
    /^Line 2: the value of "a" is longer than 1 MB/,
  ],
  [
    'too many keys',
    `{"a":1}\n{${Array.from({ length: 1000 }, (_, i) => `"k${i}":1`).join(',')}}`,
    /^By line 2 there are more than 1000/,
  ],
])('%s is refused with its line', (_, text, message) => {
  const problem = () => read(text, 4096);
  expect(problem).toThrow(TableProblem);
  expect(problem).toThrow(message);
});
