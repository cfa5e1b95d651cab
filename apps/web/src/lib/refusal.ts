import { z } from 'zod';

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The server's words in the body of a plain route's error; null where it is not one of ours (a proxy's page, or nothing). */
export function refusalMessage(body: string): string | null {
  try {
    return Refusal.parse(JSON.parse(body)).error.message;
  } catch {
    return null;
  }
}
