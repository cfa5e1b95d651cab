import { type ReactNode, Suspense } from "react";

export default function AppLayout({ children }: { children: ReactNode }) {
  return (
    <main className="p-6">
      <Suspense>{children}</Suspense>
    </main>
  );
}
