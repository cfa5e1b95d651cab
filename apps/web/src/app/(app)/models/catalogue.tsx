'use client';

import { useQuery } from '@tanstack/react-query';
import { type SuggestedModel, TaskName } from '@touchstone/schemas';
import { useState } from 'react';
import { LinkButton } from '@/components/button.tsx';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { SearchInput } from '@/components/search-input.tsx';
import { Select } from '@/components/select.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { cx } from '@/lib/cx.ts';
import { exact, formatCount, formatNumber, NONE } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { TASK_LABELS } from '../experiments/task-words.ts';
import { SecretForm } from '../settings/secret-form.tsx';
import { RouteList } from './route-list.tsx';

export function Catalogue() {
  const trpc = useTRPC();
  const [params, changeParams] = useUrlParams();
  const [missing, setMissing] = useState<string | null>(null);
  const task = TaskName.safeParse(params.get('task')).data;
  const search = (params.get('q') ?? '').trim().toLowerCase();
  const models = useQuery(trpc.models.list.queryOptions({ task }, { placeholderData: (previous) => previous }));
  const found = models.data?.filter((model) => matches(model, search)) ?? [];
  return (
    <>
      <p className="max-w-[72ch] pb-3 text-muted">
        Models worth trying first. Any other works as well: register the endpoint that serves it, or give its address in
        an experiment.
      </p>
      <div className="flex flex-wrap gap-2 pb-3">
        <SearchInput label="Search models" />
        <Select
          aria-label="Task"
          value={task ?? ''}
          onChange={(value) => changeParams({ task: value })}
          options={[
            { value: '', label: 'Every task' },
            ...TaskName.options.map((value) => ({ value, label: TASK_LABELS[value] })),
          ]}
        />
      </div>
      {models.isPending ? (
        <TableSkeleton columns={5} label="Loading models" />
      ) : models.isError ? (
        <ErrorState title="Models could not be loaded" error={models.error} onRetry={() => models.refetch()} />
      ) : found.length === 0 ? (
        <EmptyState title="No model is like this" action={<LinkButton href="/models">Show all models</LinkButton>}>
          Nothing in the catalogue has this name and task. An endpoint can serve any model.
        </EmptyState>
      ) : (
        <ModelTable models={found} onAddKey={setMissing} />
      )}
      {missing !== null && <SecretForm name={missing} taken={[]} onClose={() => setMissing(null)} />}
    </>
  );
}

function matches({ label, description, licence, routes }: SuggestedModel, search: string): boolean {
  const words = [label, description, licence, ...routes.map(({ provider, model }) => `${provider} ${model}`)];
  return words.join(' ').toLowerCase().includes(search);
}

/** On a narrow screen the first column has it all. */
const WIDE = 'max-md:hidden';

function tasksOf({ tasks }: SuggestedModel): string {
  return tasks.length === TaskName.options.length ? 'Every task' : tasks.map((task) => TASK_LABELS[task]).join(', ');
}

/** `Every task · 8.03 B parameters · 131,072 tokens of context · Apache-2.0` */
function factsOf(model: SuggestedModel): string {
  const { parameters, context_length, licence } = model;
  return [
    tasksOf(model),
    parameters !== null && `${formatParameters(parameters)} parameters`,
    context_length !== null && `${formatCount(context_length)} tokens of context`,
    licence,
  ]
    .filter(Boolean)
    .join(' · ');
}

type ModelTableProps = { models: readonly SuggestedModel[]; onAddKey: (name: string) => void };

function ModelTable({ models, onAddKey }: ModelTableProps) {
  return (
    <Table label="Suggested models">
      <THead>
        <Tr>
          <Th>Model</Th>
          <Th className={WIDE}>For</Th>
          <Th numeric className={WIDE}>
            Parameters
          </Th>
          <Th numeric className={WIDE}>
            Context
          </Th>
          <Th className={WIDE}>Licence</Th>
          <Th className={WIDE}>Reached by</Th>
        </Tr>
      </THead>
      <TBody>
        {models.map((model) => (
          <Tr key={model.id} className="align-top">
            <Td className="max-w-96 min-w-52">
              <a
                href={model.url}
                target="_blank"
                rel="noreferrer"
                className="font-medium hover:text-accent hover:underline"
              >
                {model.label}
              </a>
              <p className="text-muted">{model.description}</p>
              <div className="md:hidden">
                <p className="pb-2 text-faint">{factsOf(model)}</p>
                <RouteList model={model} onAddKey={onAddKey} />
              </div>
            </Td>
            <Td className={cx(WIDE, 'min-w-28 text-muted')}>{tasksOf(model)}</Td>
            <Td numeric title={exact(model.parameters)} className={WIDE}>
              {formatParameters(model.parameters)}
              {model.size_gb !== null && <p className="text-faint">{formatNumber(model.size_gb)} GB</p>}
            </Td>
            <Td numeric className={WIDE}>
              {formatCount(model.context_length)}
            </Td>
            <Td className={cx(WIDE, 'min-w-24 text-muted')}>{model.licence}</Td>
            <Td className={cx(WIDE, 'min-w-80')}>
              <RouteList model={model} onAddKey={onAddKey} />
            </Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}

/** `8.03 B`, `406 M`. */
function formatParameters(parameters: number | null): string {
  if (parameters === null) return NONE;
  return parameters >= 1e9 ? `${formatNumber(parameters / 1e9)} B` : `${formatNumber(parameters / 1e6)} M`;
}
