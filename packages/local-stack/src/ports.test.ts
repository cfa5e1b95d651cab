import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freeBlock, isFree, nextFreePort } from './ports.ts';

test('a taken port is passed over, also as part of a block', async () => {
  const base = await freeBlock(5);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(base + 2, '127.0.0.1', resolve));
  try {
    expect(await isFree(base + 2)).toBe(false);
    expect(await nextFreePort(base + 2)).toBe(base + 3);
    expect(await freeBlock(5, base)).not.toBe(base);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await freeBlock(5, base)).toBe(base);
});
