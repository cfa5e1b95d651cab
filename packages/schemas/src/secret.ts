import { z } from 'zod';
import { object, Timestamp } from './common.ts';
import { SecretName } from './model.ts';

export const SecretSet = object({
  name: SecretName,
  value: z
    .string()
    .trim()
    .min(1, 'The value is empty.')
    .max(10_000)
    .regex(/^[\x21-\x7e]+$/, 'Only visible ASCII characters, no spaces: is it the right text?'),
});
export type SecretSet = z.infer<typeof SecretSet>;

export const SecretRef = object({ name: SecretName });

/** A secret's value never comes back: only its last four characters (none where it is shorter than twelve). */
export const Secret = object({ name: SecretName, last4: z.string(), created_at: Timestamp, updated_at: Timestamp });
export type Secret = z.infer<typeof Secret>;
