'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Button } from '@/components/button.tsx';
import { Notice } from '@/components/notice.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { Section } from './section.tsx';

export function Session() {
  const trpc = useTRPC();
  const session = useQuery(trpc.session.get.queryOptions());
  const signOut = useMutation(
    trpc.session.sign_out.mutationOptions({ onSuccess: () => window.location.assign('/sign-in') }),
  );
  return (
    <Section id="session" title="Session" about={session.data ? `Signed in as ${session.data.user.name}.` : undefined}>
      <div className="flex flex-col items-start gap-3">
        <Button loading={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
        {signOut.isError && <Notice tone="danger">{errorMessage(signOut.error)}</Notice>}
      </div>
    </Section>
  );
}
