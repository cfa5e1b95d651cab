'use client';

import { useQuery } from '@tanstack/react-query';
import { PROVIDERS, providerOf } from '@touchstone/schemas';
import { useId } from 'react';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Select } from '@/components/select.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { SecretField } from '../../settings/secret-field.tsx';
import { type EndpointForm, runsHere } from './form.ts';

type FieldsProps = {
  endpoint: EndpointForm;
  /** Where its fields stand in the request: `models.3`. */
  path: string;
  errorAt: (path: string) => string | undefined;
  onChange: (changes: Partial<EndpointForm>) => void;
};

/** Where the model answers: a registered endpoint, or an address and a key. */
export function ConnectionFields({ endpoint, path, errorAt, onChange }: FieldsProps) {
  const trpc = useTRPC();
  const { data: endpoints = [] } = useQuery(trpc.endpoints.list.queryOptions());
  const chosen = endpoints.find(({ name }) => name === endpoint.endpoint);
  const provider = providerOf(endpoint.base_url);
  return (
    <>
      {(endpoints.length > 0 || endpoint.endpoint) && (
        <Field
          label="Endpoint"
          error={
            errorAt(`${path}.endpoint`) ??
            (endpoint.endpoint && endpoints.length > 0 && !chosen
              ? `There is no endpoint "${endpoint.endpoint}" any more.`
              : undefined)
          }
          hint={
            chosen ? <code className="break-all">{chosen.base_url}</code> : 'A registered one, or its address below.'
          }
          className={endpoint.endpoint ? '' : 'sm:col-span-2'}
        >
          <Select
            name={`${path}.endpoint`}
            className="w-full"
            value={endpoint.endpoint}
            options={[
              { value: '', label: 'By address' },
              ...endpoints.map(({ name, secret_missing }) => ({
                value: name,
                label: secret_missing ? `${name} (its key is missing)` : name,
              })),
              ...(endpoint.endpoint && !chosen ? [endpoint.endpoint] : []),
            ]}
            onChange={(name) => onChange({ endpoint: name })}
          />
        </Field>
      )}
      {!endpoint.endpoint && (
        <>
          <Field
            label="Base URL"
            error={errorAt(`${path}.base_url`)}
            hint={
              runsHere(endpoint)
                ? 'Left empty, this model runs here, on the cluster.'
                : 'The address before /chat/completions, such as http://127.0.0.1:11434/v1.'
            }
          >
            <Input
              name={`${path}.base_url`}
              value={endpoint.base_url}
              onChange={(event) => onChange({ base_url: event.target.value })}
              type="url"
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
          <SecretField
            value={endpoint.secret}
            suggested={(provider && PROVIDERS[provider].secret) ?? undefined}
            name={`${path}.secret`}
            error={errorAt(`${path}.secret`)}
            onChange={(secret) => onChange({ secret })}
          />
        </>
      )}
    </>
  );
}

/** The model's name; of a registered endpoint, its own list is offered. */
export function ModelNameField({ endpoint, path, errorAt, onChange }: FieldsProps) {
  const trpc = useTRPC();
  const listId = useId();
  const { data } = useQuery(
    trpc.endpoints.models.queryOptions(
      { name: endpoint.endpoint },
      { enabled: endpoint.endpoint !== '', staleTime: 60_000, retry: false },
    ),
  );
  const models = endpoint.endpoint ? (data?.models ?? []) : [];
  const problem = endpoint.endpoint ? data?.problem?.message : undefined;
  return (
    <Field
      label="Model name"
      error={errorAt(`${path}.model`)}
      hint={
        problem
          ? `Its models are not known. ${problem}`
          : runsHere(endpoint)
            ? 'A repository of the Hugging Face Hub (hf/…) or a folder of models (local/…).'
            : 'As the endpoint knows it.'
      }
    >
      <Input
        name={`${path}.model`}
        value={endpoint.model}
        onChange={(event) => onChange({ model: event.target.value })}
        list={models.length > 0 ? listId : undefined}
        autoComplete="off"
        spellCheck={false}
      />
      {models.length > 0 && (
        <datalist id={listId}>
          {models.map((model) => (
            <option key={model} value={model} />
          ))}
        </datalist>
      )}
    </Field>
  );
}
