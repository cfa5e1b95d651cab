import { CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { errorMessage } from '@/lib/trpc.tsx';
import { Button } from './button.tsx';

type ErrorStateProps = {
  title: string;
  error: unknown;
  onRetry?: () => void;
  /** Another way out, as a link. */
  action?: ReactNode;
};

/** Something could not be shown: what happened, and a way on. */
export function ErrorState({ title, error, onRetry, action }: ErrorStateProps) {
  return (
    <div role="alert" className="mx-auto flex max-w-lg flex-col items-center gap-3 px-4 py-16 text-center">
      <CircleX aria-hidden className="size-5 text-danger" />
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="break-words whitespace-pre-line text-muted">{errorMessage(error)}</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
        {action}
      </div>
    </div>
  );
}
