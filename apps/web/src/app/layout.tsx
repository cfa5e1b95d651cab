import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Viewport } from 'next';
import type { ReactNode } from 'react';
import { Toaster } from '@/components/toast.tsx';
import { TooltipProvider } from '@/components/tooltip.tsx';
import { THEME_SCRIPT } from '@/lib/theme.ts';
import { ApiProvider } from '@/lib/trpc.tsx';
import './globals.css';

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        {/* Before the first paint, so that a dark page does not flash white. */}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <ApiProvider>
          <TooltipProvider>{children}</TooltipProvider>
        </ApiProvider>
        <Toaster />
      </body>
    </html>
  );
}
