'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Experiment } from '@touchstone/schemas';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { isUnderWay } from './findings.ts';

type DeleteExperimentProps = {
  experiment: Experiment;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDeleted: () => void;
};

/** Asks, and names what goes with it. A running experiment is only deleted when the person says to stop it. */
export function DeleteExperiment({ experiment, open, onOpenChange, onDeleted }: DeleteExperimentProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.experiments.remove.mutationOptions({
      onSuccess: () => {
        onOpenChange(false);
        onDeleted();
        void queryClient.invalidateQueries(trpc.experiments.list.pathFilter());
        void queryClient.invalidateQueries(trpc.datasets.pathFilter());
      },
    }),
  );
  const { workflows, comparison, dataset } = experiment;
  const jobs = workflows.reduce((count, workflow) => count + workflow.jobs.length, comparison ? 1 : 0);
  const running = isUnderWay(experiment.status);
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete "${experiment.name}"?`}
      action={running ? 'Stop and delete' : 'Delete experiment'}
      mutation={remove}
      onConfirm={() => remove.mutate({ id: experiment.id, force: running })}
    >
      {running && (
        <p className="pb-3 text-fg">
          It is still running, so it cannot be deleted as it is. Either stop it and look at what it has, or let it be
          stopped and deleted now.
        </p>
      )}
      <p>This cannot be undone. With it go:</p>
      <ul className="list-disc py-1 pl-5">
        <li>
          {formatCounted(workflows.length, 'model')} with all answers and scores of{' '}
          {formatCounted(experiment.sample.rows, 'row')}
        </li>
        <li>{formatCounted(jobs, 'job')} with their logs and files</li>
        <li>
          their {formatCounted(workflows.length + jobs, 'run')} in MLflow ({workflows.length} +{' '}
          {formatCounted(jobs, 'job run')})
        </li>
      </ul>
      <p>The dataset "{dataset.name}" stays.</p>
    </ConfirmDialog>
  );
}
