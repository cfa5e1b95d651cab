'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Job } from '@touchstone/schemas';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { isOver } from '../kinds.ts';

type DeleteJobProps = { job: Job; open: boolean; onOpenChange: (open: boolean) => void; onDeleted: () => void };

/** Asks, and names what goes with it. */
export function DeleteJob({ job, open, onOpenChange, onDeleted }: DeleteJobProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.jobs.remove.mutationOptions({
      onSuccess: () => {
        onOpenChange(false);
        onDeleted();
        void queryClient.invalidateQueries(trpc.jobs.list.pathFilter());
      },
    }),
  );
  const running = !isOver(job.status);
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete "${job.name}"?`}
      action={running ? 'Stop and delete' : 'Delete job'}
      mutation={remove}
      onConfirm={() => remove.mutate({ id: job.id, force: running })}
    >
      <p>
        This cannot be undone. Its {job.spec.kind === 'inference' ? 'answers' : 'scores'} of{' '}
        {formatCounted(job.sample.rows, 'row')}, its logs and files and its record in MLflow go.
      </p>
      <p className="pt-2">
        The dataset "{job.dataset.name}" stays
        {job.stored_dataset && <>, and so does "{job.stored_dataset.name}", which was made of the answers</>}.
      </p>
    </ConfirmDialog>
  );
}
