'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Experiment, MAX_WORKFLOWS } from '@touchstone/schemas';
import { CircleStop, CopyPlus, Download, Play, Plus, RotateCw, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { Button, IconButton, LinkButton } from '@/components/button.tsx';
import { Menu } from '@/components/menu.tsx';
import { toast } from '@/components/toast.tsx';
import { formatCount, formatCounted } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { DeleteExperiment } from './delete-experiment.tsx';
import { EditExperiment } from './edit-experiment.tsx';
import { isUnderWay, restartable } from './findings.ts';

const EXPORTS = [
  { format: 'csv', label: 'CSV' },
  { format: 'jsonl', label: 'JSONL' },
  { format: 'parquet', label: 'Parquet' },
  { format: 'comparison', label: 'Comparison and slices, JSON' },
] as const;

export function ExperimentActions({ experiment }: { experiment: Experiment }) {
  const { id } = experiment;
  const router = useRouter();
  const [deleting, setDeleting] = useState(false);
  const { stop, resume, error } = useStartAndStop(experiment);
  const { failed, not_run, unscored } = restartable(experiment);
  const canResume = not_run + unscored > 0;
  const isStopping = isUnderWay(experiment.status) && experiment.stop_requested;
  return (
    <div className="flex min-w-0 flex-col items-end gap-2">
      <div className="flex flex-wrap items-center gap-2 md:justify-end">
        {isUnderWay(experiment.status) && (
          <Button
            icon={<CircleStop aria-hidden />}
            loading={stop.isPending}
            disabled={experiment.stop_requested}
            onClick={() => stop.mutate({ id })}
          >
            {experiment.stop_requested ? 'Stopping' : 'Stop'}
          </Button>
        )}
        {canResume && (
          <Button
            variant="primary"
            icon={<Play aria-hidden />}
            loading={resume.pending === 'not_run'}
            onClick={() => resume.start('not_run')}
            title={
              not_run > 0
                ? `Runs the ${formatCount(not_run)} answers that were not asked for yet`
                : 'Scores the answers that could not be scored'
            }
          >
            {not_run > 0 ? `Resume ${formatCounted(not_run, 'row')}` : 'Resume'}
          </Button>
        )}
        {failed > 0 && (
          <Button
            variant={canResume ? 'secondary' : 'primary'}
            icon={<RotateCw aria-hidden />}
            loading={resume.pending === 'failed'}
            onClick={() => resume.start('failed')}
            title={`Runs the ${formatCount(failed)} failed rows again${not_run > 0 ? ', and those not run yet' : ''}`}
          >
            Retry {formatCounted(failed, 'failed row')}
          </Button>
        )}
        {experiment.workflows.length < MAX_WORKFLOWS && !isStopping && (
          <LinkButton href={`/experiments/${id}/add`} icon={<Plus aria-hidden />}>
            Add model
          </LinkButton>
        )}
        <Menu
          trigger={<Button icon={<Download aria-hidden />}>Export</Button>}
          items={EXPORTS.map(({ format, label }) => ({
            label,
            href: `/api/experiments/${id}/export?format=${format}`,
            download: true,
          }))}
        />
        <LinkButton href={`/experiments/new?from=${id}`} icon={<CopyPlus aria-hidden />}>
          Duplicate
        </LinkButton>
        <EditExperiment experiment={experiment} />
        <IconButton label="Delete experiment" icon={<Trash2 aria-hidden />} onClick={() => setDeleting(true)} />
      </div>
      {error && (
        <p role="alert" className="max-w-96 text-right text-sm text-danger">
          {error}
        </p>
      )}
      <DeleteExperiment
        experiment={experiment}
        open={deleting}
        onOpenChange={setDeleting}
        onDeleted={() => {
          toast.success('Experiment deleted');
          router.push('/experiments');
        }}
      />
    </div>
  );
}

function useStartAndStop({ id }: Experiment) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const show = (experiment: Experiment) => {
    queryClient.setQueryData(trpc.experiments.get.queryKey({ id }), experiment);
    void queryClient.invalidateQueries(trpc.experiments.pathFilter());
    void queryClient.invalidateQueries(trpc.rows.pathFilter());
  };
  const stop = useMutation(trpc.experiments.stop.mutationOptions({ onSuccess: show }));
  // One id until it is accepted: a second click or a retry after a broken connection starts nothing twice.
  const requestId = useRef<string | null>(null);
  const resume = useMutation(
    trpc.experiments.resume.mutationOptions({
      onSuccess: (experiment) => {
        requestId.current = null;
        show(experiment);
      },
    }),
  );
  const failure = stop.error ?? resume.error;
  return {
    stop,
    resume: {
      pending: resume.isPending ? resume.variables.what : null,
      start: (what: 'not_run' | 'failed') => {
        if (resume.variables && resume.variables.what !== what) requestId.current = null;
        requestId.current ??= crypto.randomUUID();
        resume.mutate({ request_id: requestId.current, id, what });
      },
    },
    error: failure ? errorMessage(failure) : null,
  };
}
