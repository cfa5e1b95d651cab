'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Job, JobResume } from '@touchstone/schemas';
import { Play, RotateCw } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { useTRPC } from '@/lib/trpc.tsx';

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
  // What is confirmed once is one request, however often it is sent.
  const sent = useRef<{ request_id: string; limit: string } | null>(null);
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
          sent.current = null;
          setOpen(true);
        }}
      >
        {button}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={title}
        action={button}
        danger={false}
        mutation={resume}
        onConfirm={() => {
          if (sent.current?.limit !== limit) sent.current = { request_id: crypto.randomUUID(), limit };
          resume.mutate({
            request_id: sent.current.request_id,
            id: job.id,
            what,
            time_limit_s: limit.trim() === '' ? null : Number(limit),
          });
        }}
      >
        <p className="pb-3">{explanation}</p>
        <Field label="Time limit in seconds" optional hint="It counts from here on. Empty: as long as it takes.">
          <Input type="number" min={1} step={1} value={limit} onChange={(event) => setLimit(event.target.value)} />
        </Field>
      </ConfirmDialog>
    </>
  );
}
