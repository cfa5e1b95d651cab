import { RequestId, Seed } from '@touchstone/schemas';
import { InvalidArgumentError } from 'commander';

/** A whole number from 1. */
export function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return count;
}

export function parseSeed(value: string): number {
  const parsed = Seed.safeParse(Number(value));
  if (!parsed.success || value.trim() === '') throw new InvalidArgumentError('Give a whole number from 0.');
  return parsed.data;
}

export function parseRequestId(value: string): string {
  const parsed = RequestId.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError('Give a UUID.');
  return parsed.data;
}
