import { TouchstoneError } from '@touchstone/client';
import { describe, expect, test, vi } from 'vitest';
import type { Connection } from '../connection.ts';
import { persist } from './persist.ts';

const away = () => new TouchstoneError('UNREACHABLE', 'no answer', 0);

function patient(changes: { patience_ms?: number } = {}) {
  const notes: string[] = [];
  const connect = vi.fn(() => ({}) as Connection);
  const interruption = new AbortController();
  const options = {
    connect,
    note: (text: string) => notes.push(text),
    signal: interruption.signal,
    pause_ms: 1,
    ...changes,
  };
  return { options, notes, connect, interruption };
}

describe('a server that is away', () => {
  test('is asked again, with a connection made anew, and told of once', async () => {
    const { options, notes, connect } = patient();
    const call = vi
      .fn()
      .mockRejectedValueOnce(away())
      .mockRejectedValueOnce(new TouchstoneError('INTERNAL_SERVER_ERROR', 'going down', 500))
      .mockRejectedValueOnce(away())
      .mockResolvedValue('answer');
    expect(await persist(call, options)).toBe('answer');
    expect(connect).toHaveBeenCalledTimes(4);
    expect(notes).toEqual(['The server does not answer; trying again for 2 minutes.', 'The server is back.']);
  });

  test('is given up in the end', async () => {
    const { options } = patient({ patience_ms: 20 });
    await expect(persist(() => Promise.reject(away()), options)).rejects.toThrow('no answer');
  });

  test('is not waited for once the person interrupts', async () => {
    const { options, interruption } = patient();
    const call = vi.fn(() => {
      interruption.abort();
      return Promise.reject(away());
    });
    await expect(persist(call, options)).rejects.toThrow();
    expect(call).toHaveBeenCalledTimes(1);
  });
});

test('an answer that says no is final', async () => {
  const call = vi.fn().mockRejectedValue(new TouchstoneError('BAD_REQUEST', 'no such secret', 400));
  await expect(persist(call, patient().options)).rejects.toThrow('no such secret');
  expect(call).toHaveBeenCalledTimes(1);
});
