import { z } from 'zod';

/** What somebody may do, each including those before it: look; change and run; everything, keys and settings included. */
export const SCOPES = ['read', 'run', 'owner'] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;
