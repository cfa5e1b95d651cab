import { expect, test } from 'vitest';
import { diffWords } from './word-diff.ts';

const show = (before: string, after: string) =>
  diffWords(before, after)
    ?.map(({ kind, text }) => (kind === 'same' ? text : kind === 'added' ? `[+${text}]` : `[-${text}]`))
    .join('');

test.each([
  ['the cat sat', 'the cat sat', 'the cat sat'],
  ['the cat sat', 'the dog sat', 'the [-cat ][+dog ]sat'],
  ['a b c d', 'b d e', '[-a ]b [-c ]d [+e]'],
  ['', 'all new', '[+all new]'],
  ['all gone', '', '[-all gone]'],
  ['', '', ''],
  ['one two', 'one\ntwo', 'one\ntwo'],
  ['x x x', 'x x', 'x x[-x]'],
  ['A, b.', 'a, b.', '[-A, ][+a, ]b.'],
])('%j → %j', (before, after, shown) => {
  expect(show(before, after)).toBe(shown);
});

test('what is kept and added is the second text, what is kept and removed the words of the first', () => {
  const words = (seed: number) => Array.from({ length: 60 }, (_, i) => `w${(i * seed) % 11}`).join(' ');
  const [before, after] = [words(3), words(7)];
  const parts = diffWords(before, after)!;
  const joined = (kinds: string[]) =>
    parts
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ text }) => text)
      .join('');
  expect(joined(['same', 'added'])).toBe(after);
  expect(joined(['same', 'removed']).split(/\s+/).join('')).toBe(before.replaceAll(' ', ''));
});

test('texts that are too long are not compared, unless they begin and end alike', () => {
  const long = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word}${i}`).join(' ');
  expect(diffWords(long('a'), long('b'))).toBeNull();
  expect(diffWords(`${long('a')} x`, `${long('a')} y`)).toHaveLength(3);
});
