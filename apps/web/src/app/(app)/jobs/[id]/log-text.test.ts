import { expect, test } from 'vitest';
import { appendLog, splitMatches } from './log-text.ts';

test('pieces are joined, colour codes and carriage returns taken out', () => {
  expect(appendLog('one\n', '\u001b[36mINFO\u001b[0m two\r\n')).toEqual({ text: 'one\nINFO two\n', cut: false });
});

test('a long log keeps its end, from a whole line on', () => {
  expect(appendLog('aaaa\nbbbb\n', 'cccc\n', 12)).toEqual({ text: 'bbbb\ncccc\n', cut: true });
  expect(appendLog('', 'abcdefgh', 4)).toEqual({ text: 'efgh', cut: true });
});

test('a search cuts the text at its matches, whatever characters it has', () => {
  expect(splitMatches('a [1] b [1] c', '[1]')).toEqual(['a ', '[1]', ' b ', '[1]', ' c']);
  expect(splitMatches('Error: error', 'ERROR')).toEqual(['', 'Error', ': ', 'error', '']);
  expect(splitMatches('abc', 'x')).toEqual(['abc']);
  expect(splitMatches('abc', '')).toEqual(['abc']);
});
