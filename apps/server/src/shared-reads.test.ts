import { expect, test } from 'vitest';
import { createSharedReads } from './shared-reads.ts';

/** Reads a value that changes; each read ends when it is told to. */
function slowValue() {
  const ends: (() => void)[] = [];
  const source = { value: 1, reads: 0 };
  const read = async () => {
    source.reads += 1;
    const { value } = source;
    await new Promise<void>((resolve) => ends.push(resolve));
    if (value < 0) throw new Error('no');
    return value;
  };
  return { source, read, end: () => ends.shift()?.() };
}

test('who asks while a read is under way shares the next one, which sees what changed before they asked', async () => {
  const share = createSharedReads();
  const { source, read, end } = slowValue();
  const first = share('a', read);
  source.value = 2;
  const others = [share('a', read), share('a', read), share('a', read)];
  expect(source.reads).toBe(1);
  end();
  expect(await first).toBe(1);
  await expect.poll(() => source.reads).toBe(2);
  source.value = 3;
  const last = share('a', read);
  end();
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
  await expect.poll(() => source.reads).toBe(3);
  end();
  expect(await last).toBe(3);
});

test('other keys do not wait, a read that is over is not kept, and a failure is told to those who shared it alone', async () => {
  const share = createSharedReads();
  const { source, read, end } = slowValue();
  source.value = -1;
  const failing = share('a', read);
  source.value = 1;
  const next = share('a', read);
  const other = share('b', read);
  expect(source.reads).toBe(2);
  end();
  await expect(failing).rejects.toThrow('no');
  end();
  expect(await other).toBe(1);
  await expect.poll(() => source.reads).toBe(3);
  end();
  expect(await next).toBe(1);
  const again = share('a', read);
  expect(source.reads).toBe(4);
  end();
  await again;
});
