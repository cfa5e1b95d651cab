import { refusalMessage } from '@/lib/refusal.ts';

/** Spends a one-time token for a session. Null: signed in; else why not, in words. */
export async function openSession(token: string): Promise<string | null> {
  try {
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (response.ok) return null;
    return refusalMessage(await response.text()) ?? 'This sign-in link has expired or was used before.';
  } catch {
    return 'Touchstone cannot be reached. Is it still running in its terminal?';
  }
}
