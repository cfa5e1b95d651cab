'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Experiment, Workflow } from '@touchstone/schemas';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { toast } from '@/components/toast.tsx';
import { formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { isUnderWay } from './findings.ts';

type RemoveWorkflowProps = {
  experiment: Experiment;
  workflow: Workflow;
  open: boolean;
  onOpenChange: (open: boolean) => void;
};

/** Asks, and names what goes with it. One that runs is only removed when the person says to stop it. */
export function RemoveWorkflow({ experiment, workflow, open, onOpenChange }: RemoveWorkflowProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { id, workflows } = experiment;
  const remove = useMutation(
    trpc.experiments.remove_workflow.mutationOptions({
      onSuccess: (left) => {
        onOpenChange(false);
        toast(`${workflow.name} was removed.`);
        queryClient.setQueryData(trpc.experiments.get.queryKey({ id }), left);
        void queryClient.invalidateQueries(trpc.experiments.pathFilter());
        void queryClient.invalidateQueries(trpc.comparisons.pathFilter());
        void queryClient.invalidateQueries(trpc.rows.pathFilter());
        void queryClient.invalidateQueries(trpc.jobs.list.pathFilter());
      },
    }),
  );
  const running = isUnderWay(workflow.status);
  const { answered, failed } = workflow.rows;
  const jobs = workflow.jobs.length;
  const rest = workflows.length - 1;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Remove "${workflow.name}"?`}
      action={running ? 'Stop and remove' : 'Remove model'}
      mutation={remove}
      onConfirm={() => remove.mutate({ id, workflow_id: workflow.id, force: running })}
    >
      {running && <p className="pb-3 text-fg">It is still running, and is stopped.</p>}
      <p>This cannot be undone. With it go:</p>
      <ul className="list-disc py-1 pl-5">
        <li>its answers and scores of {formatCounted(answered + failed, 'row')}</li>
        <li>its {formatCounted(jobs, 'job')} with logs and files</li>
        <li>
          its {formatCounted(jobs + 1, 'run')} in MLflow (1 + {formatCounted(jobs, 'job run')})
        </li>
      </ul>
      <p>
        {rest === 1
          ? 'The other model keeps its results, and has nothing to be compared with.'
          : `The other ${rest} models keep their results, and are compared without it.`}
      </p>
    </ConfirmDialog>
  );
}
