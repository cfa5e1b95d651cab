import type { Metadata } from 'next';
import { Suspense } from 'react';
import { Logo } from '@/components/logo.tsx';
import { SignIn } from './sign-in.tsx';

// The address holds a one-time token, which no other site shall see.
export const metadata: Metadata = { title: 'Sign in · Touchstone', referrer: 'no-referrer' };

export default function SignInPage() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-6 px-6 pb-24">
      <div className="flex items-center gap-2.5 text-base font-semibold">
        <Logo className="size-6" />
        Touchstone
      </div>
      <Suspense>
        <SignIn />
      </Suspense>
    </main>
  );
}
