import { SCOPES, type Scope } from '@touchstone/schemas';
import type { Caller } from '../context.ts';

export function hasScope({ scope }: Pick<Caller, 'scope'>, needed: Scope): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(needed);
}

/** Says which scope is needed, and what to do. */
export function explainMissingScope({ scope }: Pick<Caller, 'scope'>, needed: Scope): string {
  return needed === 'owner'
    ? 'This needs the scope "owner", which no key made in Settings has: sign in with a browser, or use `npx touchstone` beside the server.'
    : `This needs an API key with the scope "${needed}"; this one has "${scope}". Settings, under API keys, makes one.`;
}
