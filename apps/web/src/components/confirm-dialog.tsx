'use client';

import type { ReactNode } from 'react';
import { errorMessage } from '@/lib/trpc.tsx';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

type ConfirmDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** What will happen, and what is kept. */
  children: ReactNode;
  /** The verb on the button: "Delete dataset". */
  action: string;
  onConfirm: () => void;
  /** What `onConfirm` starts: whether it works, and why it was refused, which is forgotten when the dialog closes. */
  mutation?: { isPending: boolean; error: unknown; reset: () => void };
  danger?: boolean;
};

/** Asks before something that cannot be undone. Closing it is up to `onConfirm`, so that a refusal can be read. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title, children, action, onConfirm, mutation, danger = true } = props;
  const change = (next: boolean) => {
    if (!next) mutation?.reset();
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      actions={
        <>
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button variant={danger ? 'danger' : 'primary'} loading={mutation?.isPending ?? false} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="space-y-3">
        <div className="text-muted">{children}</div>
        {mutation?.error != null && (
          <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 whitespace-pre-line text-danger">
            {errorMessage(mutation.error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
