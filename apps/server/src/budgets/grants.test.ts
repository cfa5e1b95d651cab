import type { Budget, Grant } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { grantBudget, type Part } from './grants.ts';

const spent = (cost: number, tokens = 0, calls = 0) => ({ cost, tokens, calls });
const grant = (limits: Partial<Grant>): Grant => ({ cost: null, tokens: null, calls: null, ...limits });
const open = (done = spent(0), granted: Grant | null = null): Part => ({ is_open: true, spent: done, granted });
const over = (done = spent(0), granted: Grant | null = null): Part => ({ is_open: false, spent: done, granted });

test.each<[string, Budget, Part[], (Grant | null)[]]>([
  ['equal parts', { cost: 6 }, [open(), open(), open()], Array(3).fill(grant({ cost: 2 }))],
  [
    'whole numbers, the first getting one more',
    { calls: 8 },
    [open(), open(), open()],
    [3, 3, 2].map((calls) => grant({ calls })),
  ],
  [
    'what one leaves over goes to the others',
    { cost: 6 },
    [over(spent(0.5), grant({ cost: 2 })), open(spent(1), grant({ cost: 2 })), open(spent(2), grant({ cost: 2 }))],
    [null, grant({ cost: 2.75 }), grant({ cost: 2.75 })],
  ],
  [
    'the last one gets all that is left',
    { tokens: 100, calls: 10 },
    [over(spent(0, 20, 1)), over(spent(0, 30, 2)), open(spent(0, 10, 1), grant({ tokens: 33, calls: 3 }))],
    [null, null, grant({ tokens: 50, calls: 7 })],
  ],
  [
    'a raised budget',
    { cost: 10 },
    [open(spent(2), grant({ cost: 3 })), open(spent(1), grant({ cost: 3 }))],
    [grant({ cost: 5 }), grant({ cost: 5 })],
  ],
  [
    'one that is resumed begins at what it has spent',
    { cost: 10 },
    [over(spent(3)), open(spent(3)), over(spent(2))],
    [null, grant({ cost: 5 }), null],
  ],
  [
    'a model that is added gets what nobody was granted, and takes nothing back',
    { cost: 6 },
    [open(spent(1), grant({ cost: 3 })), open(spent(0), grant({ cost: 3 })), open()],
    [grant({ cost: 3 }), grant({ cost: 3 }), grant({ cost: 0 })],
  ],
  [
    'nothing is left where more was spent than there is now',
    { cost: 1 },
    [over(spent(2)), open(spent(0.5))],
    [null, grant({ cost: 0.5 })],
  ],
  ['no limit', { confirm_above: 1 }, [open()], [grant({})]],
])('%s', (_, budget, parts, expected) => {
  expect(grantBudget(budget, parts)).toEqual(expected);
});

test('whatever is spent and in whatever order jobs end, the budget is never passed and all of it can be used', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  for (let round = 0; round < 200; round++) {
    const budget = { cost: 1 + random() * 10, tokens: Math.floor(random() * 1000) + 1 };
    const parts = Array.from({ length: 1 + Math.floor(random() * 5) }, () => open());
    while (parts.some((part) => part.is_open)) {
      grantBudget(budget, parts).forEach((granted, i) => {
        if (granted) parts[i]!.granted = granted;
      });
      const running = parts.filter((part) => part.is_open);
      for (const part of running) {
        const { cost, tokens } = part.granted!;
        part.spent = spent(
          part.spent.cost + (cost! - part.spent.cost) * random(),
          part.spent.tokens + Math.floor((tokens! - part.spent.tokens) * random()),
        );
      }
      const ends = running[Math.floor(random() * running.length)]!;
      ends.is_open = false;
      if (running.length === 1) ends.spent = spent(ends.granted!.cost!, ends.granted!.tokens!);
    }
    const total = (kind: 'cost' | 'tokens') => parts.reduce((sum, part) => sum + part.spent[kind], 0);
    expect(total('cost')).toBeCloseTo(budget.cost, 9);
    expect(total('tokens')).toBe(budget.tokens);
  }
});
