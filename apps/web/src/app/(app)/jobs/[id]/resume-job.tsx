'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Job, JobResume } from '@touchstone/schemas';
import { Play, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

const WORDS = {
  not_run: { button: 'Resume', title: 'Resume this job?', what: 'Runs what has not run. Answers stay as they are.' },
  failed: {
    button: 'Retry failed rows',
    title: 'Retry the failed rows?',
    what: 'Runs the rows that failed, and those that have not run. Answers stay as they are.',
  },
} as const;

/** Asks how long it may work. */
export function ResumeJob({ job, what }: { job: Job; what: JobResume['what'] }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const [limit, setLimit] = useState('');
  const resume = useMutation(
    trpc.jobs.resume.mutationOptions({
      onSuccess: (resumed) => {
        setOpen(false);
        queryClient.setQueryData(trpc.jobs.get.queryKey({ id: job.id }), resumed);
        return queryClient.invalidateQueries(trpc.jobs.list.pathFilter());
      },
    }),
  );
  const { button, title, what: explanation } = WORDS[what];
  return (
    <>
      <Button
        icon={what === 'failed' ? <RotateCw aria-hidden /> : <Play aria-hidden />}
        onClick={() => {
          setLimit(job.time_limit_s === null ? '' : String(job.time_limit_s));
          setOpen(true);
        }}
      >
        {button}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={(next) => {
          setOpen(next);
          resume.reset();
        }}
        title={title}
        action={button}
        danger={false}
        pending={resume.isPending}
        error={resume.isError && errorMessage(resume.error)}
        onConfirm={() =>
          resume.mutate({
            request_id: crypto.randomUUID(),
            id: job.id,
            what,
            time_limit_s: limit.trim() === '' ? null : Number(limit),
          })
        }
      >
        <p className="pb-3">{explanation}</p>
        <Field label="Time limit in seconds" optional hint="It counts from here on. Empty: as long as it takes.">
          <Input type="number" min={1} step={1} value={limit} onChange={(event) => setLimit(event.target.value)} />
        </Field>
      </ConfirmDialog>
    </>
  );
}
