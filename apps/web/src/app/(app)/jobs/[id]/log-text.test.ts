import { expect, test } from 'vitest';
import { appendLog } from './log-text.ts';

test('pieces are joined, colour codes and carriage returns taken out', () => {
  expect(appendLog('one\n', '\u001b[36mINFO\u001b[0m two\r\n')).toEqual({ text: 'one\nINFO two\n', cut: false });
});

test('a long log keeps its end, from a whole line on', () => {
  expect(appendLog('aaaa\nbbbb\n', 'cccc\n', 12)).toEqual({ text: 'bbbb\ncccc\n', cut: true });
  expect(appendLog('', 'abcdefgh', 4)).toEqual({ text: 'efgh', cut: true });
});
