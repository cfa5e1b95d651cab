'use client';

import type { Job } from '@touchstone/schemas';
import { Download, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button.tsx';
import { Menu } from '@/components/menu.tsx';
import { toast } from '@/components/toast.tsx';
import { isOver } from '../kinds.ts';
import { DeleteJob } from './delete-job.tsx';
import { ResumeJob } from './resume-job.tsx';
import { StopJob } from './stop-job.tsx';

const ROW_FORMATS = [
  { label: 'Rows as CSV', path: 'rows?format=csv' },
  { label: 'Rows as JSON Lines', path: 'rows?format=jsonl' },
  { label: 'Rows as Parquet', path: 'rows?format=parquet' },
];

export function JobActions({ job }: { job: Job }) {
  const router = useRouter();
  const [deleting, setDeleting] = useState(false);
  const file = (path: string) => ({ href: `/api/jobs/${job.id}/${path}`, download: true });
  return (
    <>
      <Menu
        trigger={<Button icon={<Download aria-hidden />}>Download</Button>}
        items={[
          ...(job.result ? [{ label: 'Result as JSON', ...file('result') }] : []),
          ...(job.kind === 'comparison' ? [] : ROW_FORMATS.map(({ label, path }) => ({ label, ...file(path) }))),
          { label: 'Log', ...file('log') },
        ]}
      />
      {job.resumable.not_run && <ResumeJob job={job} what="not_run" />}
      {job.resumable.failed && <ResumeJob job={job} what="failed" />}
      {!isOver(job.status) && <StopJob job={job} />}
      {!job.experiment && (
        <IconButton label="Delete job" icon={<Trash2 aria-hidden />} onClick={() => setDeleting(true)} />
      )}
      <DeleteJob
        job={job}
        open={deleting}
        onOpenChange={setDeleting}
        onDeleted={() => {
          toast.success('Job deleted');
          router.push('/jobs');
        }}
      />
    </>
  );
}
