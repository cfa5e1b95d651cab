'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Job } from '@touchstone/schemas';
import { Square } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { useTRPC } from '@/lib/trpc.tsx';

export function StopJob({ job }: { job: Job }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const stop = useMutation(
    trpc.jobs.stop.mutationOptions({
      onSuccess: (stopped) => {
        setOpen(false);
        queryClient.setQueryData(trpc.jobs.get.queryKey({ id: job.id }), stopped);
        return queryClient.invalidateQueries(trpc.jobs.list.pathFilter());
      },
    }),
  );
  return (
    <>
      <Button icon={<Square aria-hidden />} disabled={job.stop_requested} onClick={() => setOpen(true)}>
        {job.stop_requested ? 'Stopping' : 'Stop job'}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Stop this job?"
        action="Stop job"
        mutation={stop}
        onConfirm={() => stop.mutate({ id: job.id })}
      >
        Calls under way are broken off. Rows that are answered are kept, and {job.experiment ? 'the experiment' : 'it'}{' '}
        can be resumed later.
      </ConfirmDialog>
    </>
  );
}
