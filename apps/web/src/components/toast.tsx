'use client';

import { Toaster as Sonner } from 'sonner';

export { toast } from 'sonner';

/** A short word that something was done, at the bottom right; errors are said where they happened. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      style={{ fontFamily: 'inherit' }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-center gap-2 rounded-md bg-raised px-3 py-2.5 text-sm text-fg shadow-overlay [&_svg]:size-4',
          actionButton: 'ml-auto h-7 rounded-md px-2 font-medium text-accent hover:bg-hover',
          description: 'text-muted',
        },
      }}
    />
  );
}
