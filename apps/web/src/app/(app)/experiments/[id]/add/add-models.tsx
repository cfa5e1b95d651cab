'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Experiment, workflowNames } from '@touchstone/schemas';
import { Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, LinkButton } from '@/components/button.tsx';
import { DefinitionList } from '@/components/definition-list.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { Notice } from '@/components/notice.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { formatCounted } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { ModelName } from '../../model-name.tsx';
import { checkForm } from '../../new/check.ts';
import { CheckedForm, useRequestId, useShownErrors } from '../../new/checked-form.tsx';
import { Estimate } from '../../new/estimate.tsx';
import { useDataset } from '../../new/experiment-form.tsx';
import { addModelsForm, type ExperimentForm, resolveForm, toRequest } from '../../new/form.ts';
import { ModelsSection } from '../../new/models-section.tsx';
import { describeSample } from '../findings.ts';

/** The models' part of the form for a new experiment: more of them, over the rows of one that is there. */
export function AddModels({ id }: { id: string }) {
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery(trpc.experiments.get.queryOptions({ id }));
  const breadcrumb = [
    { label: 'Experiments', href: '/experiments' },
    { label: data?.name ?? 'Experiment', href: `/experiments/${id}` },
  ];
  return (
    <>
      <PageHeader title="Add models" breadcrumb={breadcrumb} />
      {data ? (
        <AddModelsForm experiment={data} />
      ) : error ? (
        <ErrorState
          title="This experiment could not be shown"
          error={error}
          onRetry={() => refetch()}
          action={<LinkButton href="/experiments">All experiments</LinkButton>}
        />
      ) : (
        <TableSkeleton rows={4} columns={2} label="Loading the experiment" />
      )}
    </>
  );
}

function AddModelsForm({ experiment }: { experiment: Experiment }) {
  const { workflows, sample, name } = experiment;
  const [form, setForm] = useState(() => addModelsForm(experiment, () => crypto.randomUUID()));
  const dataset = useDataset(experiment.dataset.id);
  const resolved = resolveForm(form, dataset.data);
  const taken = workflows.map((workflow) => workflow.name);
  const check = checkForm(form, resolved, dataset.data, taken);
  const shown = useShownErrors(check);
  const add = useAddModels(experiment.id);
  const { models } = toRequest(form, resolved).request;
  const names = workflowNames(models, taken);
  const answers = sample.rows * (form.baselines.length + form.endpoints.length * experiment.repeats);
  // Their colours: those of models that were removed are not given again.
  const nextPosition = Math.max(...workflows.map(({ position }) => position)) + 1;
  return (
    <CheckedForm shown={shown} onSubmit={check.request && (() => add.start(check.request!.models))}>
      <div className="min-w-0">
        {dataset.error && (
          <div className="pb-4">
            <Notice tone="danger">The dataset could not be read: {errorMessage(dataset.error)}</Notice>
          </div>
        )}
        <ModelsSection
          form={form}
          change={(changes: Partial<ExperimentForm>) => setForm((current) => ({ ...current, ...changes }))}
          resolved={resolved}
          dataset={dataset.data}
          errorAt={shown.errorAt}
          present={workflows.map(({ model }) => model.model)}
        />
      </div>
      <aside aria-label="Summary" className="lg:sticky lg:top-[calc(var(--top-bar)+16px)] lg:self-start">
        <div className="space-y-4 rounded-md border bg-subtle p-4">
          <h2 className="font-semibold">Summary</h2>
          <p className="text-sm text-muted">
            They answer the same rows in the same order, with the experiment's prompt and metrics. What it has stays as
            it is.
          </p>
          <DefinitionList
            items={[
              { term: 'Experiment', value: name },
              { term: 'Rows', value: describeSample(experiment) },
              { term: 'Scored by', value: experiment.metrics.map(({ label }) => label).join(', ') },
              {
                term: `${formatCounted(models.length, 'model')} more`,
                value: names.map((model, index) => (
                  <ModelName
                    // biome-ignore lint/suspicious/noArrayIndexKey: in the order of the models; names may still be the same
                    key={index}
                    position={nextPosition + index}
                    name={model || `Endpoint model ${index - form.baselines.length + 1}`}
                  />
                )),
              },
              { term: 'Answers', value: formatCounted(answers, 'answer') },
              { term: 'Estimate', value: <Estimate request={dataset.data ? check.request : null} /> },
            ]}
          />
          <Button
            type="submit"
            variant="primary"
            className="w-full"
            icon={<Play aria-hidden />}
            loading={add.isPending}
          >
            {models.length === 0 ? 'Run' : `Run ${formatCounted(models.length, 'model')}`}
          </Button>
          {add.error && (
            <p role="alert" className="text-sm break-words whitespace-pre-line text-danger">
              {add.error}
            </p>
          )}
        </div>
      </aside>
    </CheckedForm>
  );
}

function useAddModels(id: string) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const requestIdOf = useRequestId();
  const add = useMutation(
    trpc.experiments.add_workflows.mutationOptions({
      onSuccess: (experiment) => {
        queryClient.setQueryData(trpc.experiments.get.queryKey({ id }), experiment);
        void queryClient.invalidateQueries(trpc.experiments.list.pathFilter());
        router.push(`/experiments/${id}`);
      },
    }),
  );
  return {
    start: (models: Parameters<typeof add.mutate>[0]['models']) => {
      if (add.isPending || add.isSuccess) return;
      add.mutate({ request_id: requestIdOf(models), id, models });
    },
    // Until the page of the experiment is there.
    isPending: add.isPending || add.isSuccess,
    error: add.error ? errorMessage(add.error) : null,
  };
}
