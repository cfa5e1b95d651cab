import { NPM_START, type Stack, startStack } from '../e2e/support/stack.ts';
import type { Result } from './report.ts';

const LIMIT_S = 15;

/** From `npm start` on a folder that has been used to a page that a browser gets after signing in. */
export async function measureUsablePage(home: string): Promise<{ result: Result; stack: Stack }> {
  const from = performance.now();
  const stack = await startStack(home, NPM_START);
  const printed = (performance.now() - from) / 1000;
  await getPage(stack);
  const value = (performance.now() - from) / 1000;
  const note = `warm "npm start" until /experiments is there; the link was printed after ${printed.toFixed(2)} s`;
  return { result: { what: 'usable page', value, unit: 's', limit: LIMIT_S, note }, stack };
}

/** Signs in with the printed link, as a browser does. */
async function getPage({ url, signInLink }: Stack): Promise<void> {
  const token = new URL(signInLink).searchParams.get('token');
  const session = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = await fetch(`${url}/experiments`, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' });
  if (page.status !== 200) throw new Error(`The page answered HTTP ${page.status}.`);
  await page.text();
}
