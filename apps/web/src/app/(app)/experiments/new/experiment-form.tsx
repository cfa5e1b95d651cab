'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { Notice } from '@/components/notice.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { type Check, checkForm } from './check.ts';
import { DataSection } from './data-section.tsx';
import { type ExperimentForm, resolveForm, toRequest } from './form.ts';
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
  const resolved = resolveForm(form, dataset.data);
  const check = checkForm(form, resolved, dataset.data);
  const { errorAt, touch, showAll } = useShownErrors(check);
  const run = useRunExperiment();
  const page = useRef<HTMLFormElement>(null);

  const section = {
    form,
    change: (changes: Partial<ExperimentForm>) => setForm((current) => ({ ...current, ...changes })),
    resolved,
    dataset: dataset.data,
    errorAt,
  };
  const submit = () => {
    if (check.request && dataset.data) return run.start(check.request);
    showAll();
    // After the messages are there.
    setTimeout(() => {
      const first = page.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]');
      first?.scrollIntoView({ block: 'center' });
      first?.focus();
    });
  };
  return (
    <form
      ref={page}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onBlur={({ target }) => {
        if ('name' in target && typeof target.name === 'string' && target.name !== '') touch(target.name);
      }}
      className="grid gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,768px)_320px]"
    >
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
        <RowsSection {...section} />
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
    </form>
  );
}

function useDataset(id: string | null) {
  const trpc = useTRPC();
  return useQuery(trpc.datasets.get.queryOptions({ id: id ?? '' }, { enabled: id !== null }));
}

/** An error shows once its field was left, or after an attempt to run. */
function useShownErrors({ errors }: Check) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  return {
    errorAt: (path: string) => (all || touched.has(path) ? errors[path] : undefined),
    touch: (path: string) => setTouched((current) => (current.has(path) ? current : new Set(current).add(path))),
    showAll: () => setAll(true),
  };
}

function useRunExperiment() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  // One id for one request: a second click, or a try after an answer that got lost, cannot make a second experiment.
  const sent = useRef<{ request_id: string; body: string } | null>(null);
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
      const body = JSON.stringify(request);
      if (sent.current?.body !== body) sent.current = { request_id: crypto.randomUUID(), body };
      create.mutate({ ...request, request_id: sent.current.request_id });
    },
    // Until the page of the experiment is there.
    isPending: create.isPending || create.isSuccess,
    error: create.error ? errorMessage(create.error) : null,
  };
}
