import { type ReactNode, Suspense } from 'react';
import { AppShell } from '@/components/shell/app-shell.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { UploadsProvider } from './datasets/uploads.tsx';

export default function AppLayout({ children }: { children: ReactNode }) {
  return (
    <UploadsProvider>
      <AppShell>
        <Suspense fallback={<TableSkeleton />}>{children}</Suspense>
      </AppShell>
    </UploadsProvider>
  );
}
