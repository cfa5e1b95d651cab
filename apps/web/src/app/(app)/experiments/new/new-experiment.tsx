'use client';

import { useQuery } from '@tanstack/react-query';
import { CATALOGUE } from '@touchstone/schemas';
import { useSearchParams } from 'next/navigation';
import { LinkButton } from '@/components/button.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { PageHeader } from '@/components/page-header.tsx';
import { Skeleton } from '@/components/skeleton.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { ExperimentFormView } from './experiment-form.tsx';
import { catalogueEndpoint, catalogueLocal, EMPTY_FORM, type ExperimentForm, formOf } from './form.ts';

const BREADCRUMB = [{ label: 'Experiments', href: '/experiments' }];

/** An empty form, one with a dataset (`?dataset=`) or a catalogue model (`?model=&route=`), or one filled from another experiment (`?from=`). */
export function NewExperiment() {
  const params = useSearchParams();
  const from = params.get('from');
  return (
    <>
      <PageHeader title={from ? 'Duplicate experiment' : 'New experiment'} breadcrumb={BREADCRUMB} />
      {from ? <Duplicate key={from} id={from} /> : <ExperimentFormView initial={initialForm(params)} />}
    </>
  );
}

function initialForm(params: URLSearchParams): ExperimentForm {
  const form = { ...EMPTY_FORM, dataset_id: params.get('dataset') };
  const model = CATALOGUE.find(({ id }) => id === params.get('model'));
  if (!model) return form;
  if (model.local) {
    return { ...form, task: model.tasks[0]!, endpoints: [catalogueLocal(model.local, crypto.randomUUID())] };
  }
  const endpoint = catalogueEndpoint(model, Number(params.get('route')), crypto.randomUUID());
  return { ...form, task: model.tasks[0]!, endpoints: [endpoint] };
}

function Duplicate({ id }: { id: string }) {
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery(trpc.experiments.get.queryOptions({ id }, { staleTime: Infinity }));
  if (data) return <ExperimentFormView initial={formOf(data, () => crypto.randomUUID())} />;
  if (error) {
    return (
      <ErrorState
        title="The experiment to duplicate could not be read"
        error={error}
        onRetry={() => refetch()}
        action={<LinkButton href="/experiments/new">Start with an empty form</LinkButton>}
      />
    );
  }
  return (
    <div role="status" aria-label="Loading the experiment" className="max-w-3xl space-y-4">
      {['w-40', 'w-full', 'w-2/3', 'w-full', 'w-1/2'].map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars that never change
        <Skeleton key={index} className={width} />
      ))}
    </div>
  );
}
