'use client';

import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Notice } from '@/components/notice.tsx';
import { localPath } from '@/lib/paths.ts';
import { useTheme } from '@/lib/use-theme.ts';
import { openSession } from './open-session.ts';

/** A button rather than a redirect: a preview that opens the link must not spend it. */
export function SignIn() {
  // Follows the system when that changes, as the pages inside do by their theme menu.
  useTheme();
  const search = useSearchParams();
  const token = search.get('token');
  const next = localPath(search.get('next'), '/experiments');
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  async function signIn(token: string) {
    setPending(true);
    const refused = await openSession(token);
    // The link is spent: it does not stay in the history.
    if (refused === null) return window.location.replace(next);
    setRefusal(refused);
    setPending(false);
  }

  if (!token || refusal) {
    return (
      <div className="flex flex-col gap-4">
        <h1 className="text-lg font-semibold">{refusal ? 'This link did not sign you in' : 'Sign in with a link'}</h1>
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <NewLink />
      </div>
    );
  }
  return (
    <div className="flex flex-col items-start gap-4">
      <h1 className="text-lg font-semibold">Sign in to Touchstone</h1>
      <p className="text-muted">This link works once and signs this browser in.</p>
      <Button variant="primary" loading={pending} onClick={() => signIn(token)}>
        Sign in
      </Button>
    </div>
  );
}

function NewLink() {
  return (
    <div className="flex flex-col gap-3 text-muted">
      <p>
        <code className="font-mono text-sm text-fg">npm start</code> prints a sign-in link in its terminal when
        everything is up. To make a new one, run this in the folder of Touchstone and open the address that it prints:
      </p>
      <pre className="rounded-md border bg-subtle px-3 py-2 font-mono text-sm text-fg">npx touchstone login</pre>
    </div>
  );
}
