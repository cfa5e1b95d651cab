import { expect, test } from 'vitest';
import { openTestApp } from '../testing/http.ts';

/** The stream as a browser reads it. */
async function openStream(url: string, api_key: string): Promise<{ text: () => string; ended: Promise<void> }> {
  const answer = await fetch(`${url}/trpc/events.changes`, { headers: { authorization: `Bearer ${api_key}` } });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  const decoder = new TextDecoder();
  const ended = (async () => {
    for await (const chunk of answer.body!) text += decoder.decode(chunk, { stream: true });
  })().catch(() => {});
  return { text: () => text, ended };
}

test('a change is told to all who listen, and a server that stops lets them go at once', async () => {
  const app = await openTestApp();
  const streams = await Promise.all([1, 2, 3].map(() => openStream(app.url, app.api_key)));
  await expect.poll(() => streams.every(({ text }) => text().includes('event: connected'))).toBe(true);
  await app.caller.secrets.set({ name: 'changed_key', value: 'value' });
  for (const { text } of streams) {
    await expect.poll(text, { timeout: 5000 }).toContain('data: {"noun":"secret","id":"changed_key"}');
  }
  const started = performance.now();
  await app.close();
  await Promise.all(streams.map(({ ended }) => ended));
  expect(performance.now() - started).toBeLessThan(1000);
  await app.stop();
});
