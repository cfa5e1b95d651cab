'use client';

import type { ReactNode } from 'react';
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
  pending?: boolean;
  /** Why it was refused. */
  error?: ReactNode;
  danger?: boolean;
};

/** Asks before something that cannot be undone. Closing it is up to `onConfirm`, so that a refusal can be read. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title, children, action, onConfirm, pending, error, danger = true } = props;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant={danger ? 'danger' : 'primary'} loading={pending} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="space-y-3">
        <div className="text-muted">{children}</div>
        {error && (
          <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 whitespace-pre-line text-danger">
            {error}
          </p>
        )}
      </div>
    </Dialog>
  );
}
