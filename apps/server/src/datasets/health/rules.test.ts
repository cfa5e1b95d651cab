import { expect, test } from 'vitest';
import { createLabelCounter, findSpellings } from './labels.ts';
import { detectLanguage } from './language.ts';
import { usualLengths } from './lengths.ts';
import { createNearDuplicateFinder, similarity } from './near-duplicates.ts';
import {
  hasBrokenCharacters,
  hasControlCharacters,
  hasMarkup,
  hasSurroundingWhiteSpace,
  isOnlyPunctuation,
} from './text-faults.ts';

test.each<[string, (text: string) => boolean, string[], string[]]>([
  [
    'broken characters',
    hasBrokenCharacters,
    ['cafÃ©', 'itâ€™s', '20Â°C', 'ï»¿id', 'ðŸ˜€', 'caf\ufffd', 'SÃ£o', 'â\u0080\u0099'],
    ['café', 'it’s', '20°C', 'São Paulo, SÃO', '«Â propos»', '😀', 'âge', 'Ðomo', 'עברית', ''],
  ],
  [
    'control characters',
    hasControlCharacters,
    ['a\u0000b', 'a\u0007', '\u0085', '\ufeffa'],
    ['a\tb\r\nc', 'é', '', '👍🏽'],
  ],
  [
    'left-overs of HTML',
    hasMarkup,
    ['a<br>b', '<p class="x">', '</div>', 'a &amp; b', '&nbsp;', '&#39;', '&#x27;', '<BR/>', '<a href="x">'],
    ['a < b and c > d', '<unk>', '#Person1#: hi', 'AT&T', 'x && y;', 'if a<b: p>q', ''],
  ],
  ['only punctuation', isOnlyPunctuation, ['-', '…', '?!', '***', '、。'], ['a', '7', '😀', '中', 'ש', '- 1']],
  ['white space around', hasSurroundingWhiteSpace, [' a', 'a\n', '\u3000a'], ['a', 'a b', '']],
])('%s', (_, has, yes, no) => {
  expect(yes.filter((text) => !has(text))).toEqual([]);
  expect(no.filter(has)).toEqual([]);
});

test.each<[string, string | null]>([
  ['The weather is nice today, is it not?', 'en'],
  ['Das Wetter ist heute sehr schön, nicht wahr?', 'de'],
  ['الطقس جميل جدا اليوم في المدينة', 'ar'],
  ['我今天早上喜欢吃苹果和香蕉', 'zh'],
  ['Hello', null],
  ['ok', null],
  ['123 456 789 101112 131415', null],
  ['😀😀😀😀😀😀😀😀😀😀😀😀', null],
  ['https://example.com/a/long/path/without/words', null],
  ['', null],
])('the language of %j is %s', (text, language) => expect(detectLanguage(text)).toBe(language));

test('usual lengths reach three spreads of the quartiles, by their ratio, and a third where all are alike', () => {
  const { least, most } = usualLengths([100, 150, 200]);
  expect([least, most]).toEqual([expect.closeTo(12.5), expect.closeTo(1600)]);
  const alike = usualLengths([50, 50, 50]);
  expect([alike.least, alike.most]).toEqual([expect.closeTo(50 * 0.75 ** 3), expect.closeTo(50 / 0.75 ** 3)]);
});

function labelsOf(values: string[]) {
  const counter = createLabelCounter();
  for (const [row_id, value] of values.entries()) counter.add(value, row_id);
  return counter.labels();
}

test('few values are labels, and those that differ by capitals and spaces are one', () => {
  const labels = labelsOf(['yes', 'no', 'Yes', 'yes ', 'yes', 'no', ...Array<string>(20).fill('no')])!;
  expect(labels.map(({ value, count }) => [value, count])).toEqual([
    ['no', 22],
    ['yes', 2],
    ['Yes', 1],
    ['yes ', 1],
  ]);
  expect(findSpellings(labels).map((same) => same.map(({ value }) => value))).toEqual([['yes', 'Yes', 'yes ']]);
  expect(labelsOf(['a', 'b', 'c', 'd', 'e', 'f'])).toBeNull();
  expect(labelsOf(Array<string>(30).fill('always'))).toBeNull();
  expect(labelsOf(Array.from({ length: 600 }, (_, i) => `value ${i % 60}`))).toBeNull();
});

const WORDS = 'the model answers a question of some customer about late parcels from our northern warehouse'.split(' ');
/** Words in an order that each `seed` has for itself. */
const textOf = (seed: number, words = 60) =>
  Array.from({ length: words }, (_, i) => WORDS[(Math.imul(seed + 7, (i + 3) ** 3 + seed) >>> 9) % WORDS.length]).join(
    ' ',
  );

test('texts that differ in a word are near, others are not, whatever their script, case and punctuation', () => {
  const finder = createNearDuplicateFinder(1000);
  const texts = [
    ...Array.from({ length: 200 }, (_, i) => textOf(i)),
    `${textOf(3)} indeed`,
    textOf(4).toUpperCase().replaceAll(' ', ',  '),
    `${textOf(3)} truly`,
    `${'今天天气很好，我们去公园散步，然后回家吃饭，晚上看电影，明天再去上班。'.repeat(2)}`,
    `${'今天天气很好，我们去公园散步，然后回家吃饭，晚上看电影，明天再去上班。'.repeat(2)}再见`,
    'too short',
    'too short!',
  ];
  for (const [row_id, text] of texts.entries()) finder.add(text, row_id);
  const { looked_at, count, groups } = finder.find({ groups: 10, rows: 10 });
  expect(looked_at).toBe(texts.length - 2);
  expect(groups).toEqual([
    { size: 3, rows: [3, 200, 202] },
    { size: 2, rows: [4, 201] },
    { size: 2, rows: [203, 204] },
  ]);
  expect(count).toBe(4);
});

test('pairs are found by what they have in common, and the estimate is about that', () => {
  const base = Array.from({ length: 300 }, (_, i) => `w${(i * 7919) % 10_007}x`);
  const found = [0.97, 0.9, 0.6, 0.3].map((kept) => {
    const finder = createNearDuplicateFinder(200);
    let like = 0;
    for (let k = 0; k < 50; k++) {
      const one = base.map((word, i) => `${word}${k}${i}`);
      const other = one.map((word, i) => (((i * 31 + k) % 100) / 100 < kept ** 0.5 ? word : `z${word}`));
      like += similarity(one.join(' '), other.join(' ')) / 50;
      finder.add(one.join(' '), 2 * k);
      finder.add(other.join(' '), 2 * k + 1);
    }
    return [like, finder.find({ groups: 1, rows: 2 }).count / 50] as const;
  });
  for (const [like, share] of found) {
    if (like > 0.88) expect(share).toBeGreaterThan(0.9);
    if (like < 0.65) expect(share).toBeLessThan(0.1);
  }
  expect(found[0]![0]).toBeGreaterThan(0.88);
  expect(found.at(-1)![0]).toBeLessThan(0.65);
});

test('a hundred thousand texts of one template end as one group, soon', () => {
  const finder = createNearDuplicateFinder(100_000);
  const started = performance.now();
  for (let i = 0; i < 100_000; i++) finder.add(`${textOf(1, 20)} ${i % 7}`, i);
  expect(finder.find({ groups: 1, rows: 3 })).toEqual({
    looked_at: 100_000,
    count: 99_999,
    groups: [{ size: 100_000, rows: [0, 1, 2] }],
  });
  expect(performance.now() - started).toBeLessThan(20_000);
});
