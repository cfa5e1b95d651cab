'use client';

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { NameSuggestion } from '@touchstone/schemas';
import { useRouter } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import { Notice } from '@/components/notice.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { type Check, checkForm } from './check.ts';
import { CheckedForm, useRequestId, useShownErrors } from './checked-form.tsx';
import { DataSection } from './data-section.tsx';
import { type ExperimentForm, type Resolved, resolveForm, toRequest } from './form.ts';
import { MetricsSection } from './metrics-section.tsx';
import { ModelsSection } from './models-section.tsx';
import { PromptSection } from './prompt-section.tsx';
import { RowsSection } from './rows-section.tsx';
import { Summary } from './summary.tsx';
import { YamlView } from './yaml-view.tsx';

/** One page: data, prompt, models, metrics, rows; beside it what that adds up to. */
export function ExperimentFormView({ initial }: { initial: ExperimentForm }) {
  const [form, setForm] = useState(initial);
  const dataset = useDataset(form.dataset_id);
  const { resolved, suggestion } = useFreeName(form, resolveForm(form, dataset.data));
  const check = checkForm(form, resolved, dataset.data);
  const shown = useShownErrors(check);
  const run = useRunExperiment();

  const section = {
    form,
    change: (changes: Partial<ExperimentForm>) => setForm((current) => ({ ...current, ...changes })),
    resolved,
    dataset: dataset.data,
    errorAt: shown.errorAt,
  };
  return (
    <CheckedForm shown={shown} onSubmit={check.request && dataset.data && (() => run.start(check.request!))}>
      <div className="min-w-0">
        {dataset.error && (
          <div className="pb-4">
            <Notice tone="danger">The dataset could not be read: {errorMessage(dataset.error)}</Notice>
          </div>
        )}
        <DataSection {...section} />
        <PromptSection {...section} />
        <ModelsSection {...section} />
        <MetricsSection {...section} />
        <RowsSection {...section} suggestion={suggestion} />
        <YamlView request={check.request} />
      </div>
      <Summary
        form={form}
        resolved={resolved}
        dataset={dataset.data}
        models={toRequest(form, resolved).request.models}
        check={check}
        isPending={run.isPending}
        error={run.error}
      />
    </CheckedForm>
  );
}

export function useDataset(id: string | null) {
  const trpc = useTRPC();
  return useQuery(trpc.datasets.get.queryOptions({ id: id ?? '' }, { enabled: id !== null }));
}

/** A name that nobody typed is one that is free; for one that was typed there is a suggestion where it is in use. */
function useFreeName(
  form: ExperimentForm,
  resolved: Resolved,
): { resolved: Resolved; suggestion: NameSuggestion | null } {
  const trpc = useTRPC();
  const name = useDeferredValue(resolved.name.trim());
  const { data } = useQuery(
    trpc.experiments.suggest_name.queryOptions({ name }, { enabled: name !== '', placeholderData: keepPreviousData }),
  );
  if (!data?.in_use || name === '') return { resolved, suggestion: null };
  if (form.name === null) return { resolved: { ...resolved, name: data.name }, suggestion: null };
  return { resolved, suggestion: data };
}

function useRunExperiment() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const requestIdOf = useRequestId();
  const create = useMutation(
    trpc.experiments.create.mutationOptions({
      onSuccess: (experiment) => {
        queryClient.setQueryData(trpc.experiments.get.queryKey({ id: experiment.id }), experiment);
        void queryClient.invalidateQueries(trpc.experiments.list.pathFilter());
        router.push(`/experiments/${experiment.id}`);
      },
    }),
  );
  return {
    start: (request: NonNullable<Check['request']>) => {
      if (create.isPending || create.isSuccess) return;
      create.mutate({ ...request, request_id: requestIdOf(request) });
    },
    // Until the page of the experiment is there.
    isPending: create.isPending || create.isSuccess,
    error: create.error ? errorMessage(create.error) : null,
  };
}
