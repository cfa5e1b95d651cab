import { describe, expect, it } from 'vitest';
import { batches, checkName, trackingName } from './checks.ts';

describe('trackingName', () => {
  it.each([
    ['rougeL', 'rougeL'],
    ['latency_ms/p95', 'latency_ms/p95'],
    ['temperature (°C)', 'temperature __C_'],
    ['../../etc', 'etc'],
    ['a//b/./c/', 'a/b/c'],
    ['čaj', 'čaj'],
    [' spaces around ', 'spaces around'],
    ['', '_'],
    ['..', '_'],
    ['a / b', 'a/b'],
    ['x'.repeat(300), 'x'.repeat(250)],
    [`${'x'.repeat(249)}/y`, 'x'.repeat(249)],
  ])('makes a name of %j', (text, name) => {
    expect(trackingName(text)).toBe(name);
    expect(checkName(trackingName(text))).toBe(name);
  });
});

describe('batches', () => {
  it('are bounded by count and by bytes', () => {
    expect([...batches([1, 2, 3, 4, 5], 2, 100)]).toEqual([[1, 2], [3, 4], [5]]);
    expect([...batches(['aaaa', 'bb', 'ccc'], 10, 10)]).toEqual([['aaaa', 'bb'], ['ccc']]);
    expect([...batches(['a large one', 'b'], 10, 5)]).toEqual([['a large one'], ['b']]);
    expect([...batches([], 10, 10)]).toEqual([]);
  });
});
