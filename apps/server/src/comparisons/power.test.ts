import { expect, test } from 'vitest';
import { detectableBy, rowsFor } from './power.ts';

// statsmodels 0.15: TTestPower().solve_power(effect_size=None, nobs=rows, alpha=0.05 / pairs, power=0.8)
test.each([
  [20, 1, 0.6604416544380312],
  [30, 1, 0.5292357045238948],
  [100, 1, 0.2829117119690806],
  [100, 3, 0.32832814942942135],
  [250, 45, 0.26226042323986787],
  [1000, 1, 0.08868101827724957],
  [1000, 45, 0.13007511831659943],
])('%d rows and %d pairs find what statsmodels says', (rows, pairs, effect) => {
  expect(detectableBy(rows, { spread: 1, pairs })! / effect).toBeCloseTo(1, 2);
  expect(detectableBy(rows, { spread: 0.1, pairs })! / effect).toBeCloseTo(0.1, 3);
});

// statsmodels 0.15: TTestPower().solve_power(effect_size=delta, nobs=None, alpha=0.05 / pairs, power=0.8), rounded up
test.each([
  [0.1, 1, 787],
  [0.1, 45, 1689],
  [0.2, 1, 199],
  [0.27, 45, 237],
  [0.5, 1, 34],
])('a difference of %f spreads with %d pairs needs the rows that statsmodels says', (delta, pairs, rows) => {
  expect(Math.abs(rowsFor(delta, { spread: 1, pairs }) - rows)).toBeLessThanOrEqual(1);
});

test('one row finds nothing', () => {
  expect(detectableBy(1, { spread: 1, pairs: 1 })).toBeNull();
});
