'use client';

import { useQuery } from '@tanstack/react-query';
import { PROVIDERS, type SuggestedModel, type TaskName } from '@touchstone/schemas';
import { type ReactNode, useState } from 'react';
import { Dialog } from '@/components/dialog.tsx';
import { Input } from '@/components/input.tsx';
import { Skeleton } from '@/components/skeleton.tsx';
import { formatCounted } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { TASK_LABELS } from '../task-words.ts';
import { catalogueEndpoint, catalogueLocal, type EndpointForm, emptyEndpoint } from './form.ts';

/** Of one endpoint; the search finds the others. */
const MOST_SHOWN = 20;

type ModelPickerProps = { task: TaskName; onChoose: (endpoint: EndpointForm) => void; onClose: () => void };

/** Models of the registered endpoints, and those that the catalogue suggests for the task. */
export function ModelPicker({ task, onChoose, onClose }: ModelPickerProps) {
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const endpoints = useQuery(trpc.endpoints.list.queryOptions());
  const choose = (endpoint: EndpointForm) => {
    onChoose(endpoint);
    onClose();
  };
  return (
    <Dialog open onOpenChange={onClose} title="Choose a model" wide>
      <div className="space-y-5">
        <Input
          type="search"
          aria-label="Search models"
          placeholder="Search models"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        {endpoints.data?.map(({ name }) => (
          <EndpointModels
            key={name}
            endpoint={name}
            search={search}
            onChoose={(model) => choose({ ...emptyEndpoint(crypto.randomUUID()), endpoint: name, model })}
          />
        ))}
        <Suggested task={task} search={search} onChoose={choose} />
      </div>
    </Dialog>
  );
}

type EndpointModelsProps = { endpoint: string; search: string; onChoose: (model: string) => void };

function EndpointModels({ endpoint, search, onChoose }: EndpointModelsProps) {
  const trpc = useTRPC();
  const models = useQuery(trpc.endpoints.models.queryOptions({ name: endpoint }, { staleTime: 60_000, retry: false }));
  const found = models.data?.models.filter((model) => model.toLowerCase().includes(search.trim().toLowerCase())) ?? [];
  const problem = models.error ? errorMessage(models.error) : models.data?.problem?.message;
  return (
    <Group title={endpoint}>
      {models.isPending && <Skeleton className="w-1/2" />}
      {problem && <p className="text-sm text-muted">Its models are not known. {problem}</p>}
      {found.slice(0, MOST_SHOWN).map((model) => (
        <Choice key={model} onClick={() => onChoose(model)} label={model} />
      ))}
      {found.length > MOST_SHOWN && (
        <p className="px-2 text-sm text-faint">
          and {formatCounted(found.length - MOST_SHOWN, 'other')}: search for it
        </p>
      )}
      {models.data && !problem && found.length === 0 && <p className="text-sm text-faint">None has this name.</p>}
    </Group>
  );
}

type SuggestedProps = { task: TaskName; search: string; onChoose: (endpoint: EndpointForm) => void };

function Suggested({ task, search, onChoose }: SuggestedProps) {
  const trpc = useTRPC();
  const models = useQuery(trpc.models.list.queryOptions({ task }));
  const words = search.trim().toLowerCase();
  const choices = (models.data ?? []).flatMap((model) =>
    model.routes.flatMap((route, index) =>
      `${model.label} ${route.model} ${PROVIDERS[route.provider].label}`.toLowerCase().includes(words)
        ? [{ model, route, index }]
        : [],
    ),
  );
  const here = (models.data ?? []).filter(
    ({ label, local }) => local && `${label} ${local.model} here`.toLowerCase().includes(words),
  );
  return (
    <Group title={`Suggested for ${TASK_LABELS[task].toLowerCase()}`}>
      {models.isPending && <Skeleton className="w-1/2" />}
      {models.error && <p className="text-sm text-danger">{errorMessage(models.error)}</p>}
      {choices.map(({ model, route, index }) => (
        <Choice
          key={`${model.id} ${route.provider}`}
          label={`${model.label}, by ${PROVIDERS[route.provider].label}`}
          note={needOf(route)}
          onClick={() => onChoose(catalogueEndpoint(model, index, crypto.randomUUID(), route.endpoints[0]))}
        />
      ))}
      {here.map(({ id, label, local }) => (
        <Choice
          key={id}
          label={`${label}, here`}
          note={local!.missing ? 'needs the extra hf' : ''}
          onClick={() => onChoose(catalogueLocal(local!, crypto.randomUUID()))}
        />
      ))}
      {models.data && choices.length + here.length === 0 && <p className="text-sm text-faint">None has this name.</p>}
    </Group>
  );
}

/** What has to be there before it runs; empty: nothing. */
function needOf({ provider, secret, endpoints }: SuggestedModel['routes'][number]): string {
  if (endpoints.length > 0) return endpoints[0]!;
  if (secret?.missing) return `${secret.name} is missing`;
  return PROVIDERS[provider].kind === 'local' ? 'needs a local model server' : '';
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="pb-1 text-sm font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Choice({ label, note, onClick }: { label: string; note?: string; onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex min-h-8 w-full items-center justify-between gap-4 rounded-md px-2 text-left text-sm hover:bg-hover"
    >
      <span className="min-w-0 break-words">{label}</span>
      {note && <span className="shrink-0 text-faint max-sm:shrink">{note}</span>}
    </button>
  );
}
