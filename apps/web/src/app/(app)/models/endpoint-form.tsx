'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  type Endpoint,
  EndpointSettings,
  EndpointTestInput,
  PROVIDER_IDS,
  PROVIDERS,
  type ProviderId,
} from '@touchstone/schemas';
import { PlugZap } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { Select } from '@/components/select.tsx';
import { toast } from '@/components/toast.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { SecretField } from '../settings/secret-field.tsx';
import { TestResult } from './test-result.tsx';

type Values = {
  provider: ProviderId | '';
  name: string;
  base_url: string;
  secret: string;
  concurrency: string;
  model: string;
};

const EMPTY: Values = { provider: '', name: '', base_url: '', secret: '', concurrency: '', model: '' };

function valuesOf({ provider, name, base_url, secret, concurrency }: Endpoint): Values {
  return {
    provider: provider ?? '',
    name,
    base_url,
    secret: secret ?? '',
    concurrency: concurrency === null ? '' : String(concurrency),
    model: '',
  };
}

/** What the form stands for, not yet checked. */
function settingsOf({ provider, name, base_url, secret, concurrency }: Values) {
  return {
    name: name.trim(),
    base_url: base_url.trim(),
    secret: secret || null,
    concurrency: concurrency.trim() === '' ? null : Number(concurrency),
    provider: provider || null,
  };
}

/** The preset's address and key, and its name where none was given. */
function presetOf(provider: ProviderId | '', name: string): Partial<Values> {
  if (provider === '') return { provider };
  const { base_url, secret } = PROVIDERS[provider];
  const suggested = (PROVIDER_IDS as readonly string[]).includes(name) || name === '' ? provider : name;
  return {
    provider,
    base_url,
    secret: secret ?? '',
    name: suggested,
  };
}

type EndpointFormProps = {
  /** The one to change; left out: a new one. */
  endpoint?: Endpoint;
  onClose: () => void;
};

export function EndpointForm({ endpoint, onClose }: EndpointFormProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const formId = useId();
  const [values, setValues] = useState(endpoint ? valuesOf(endpoint) : EMPTY);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const change = (changes: Partial<Values>) => {
    test.reset();
    setValues((current) => ({ ...current, ...changes }));
  };
  const done = {
    onSuccess: ({ name }: { name: string }) => {
      toast(`${name} is saved.`);
      onClose();
      return queryClient.invalidateQueries(trpc.endpoints.list.pathFilter());
    },
  };
  const create = useMutation(trpc.endpoints.create.mutationOptions(done));
  const update = useMutation(trpc.endpoints.update.mutationOptions(done));
  const test = useMutation(trpc.endpoints.test.mutationOptions());
  const save = endpoint ? update : create;

  const check = (error: { issues: { path: PropertyKey[]; message: string }[] } | undefined) =>
    setErrors(Object.fromEntries(error?.issues.map(({ path, message }) => [String(path[0]), message]) ?? []));
  function submit(event: FormEvent) {
    event.preventDefault();
    const settings = EndpointSettings.safeParse(settingsOf(values));
    check(settings.error);
    if (settings.success) save.mutate(settings.data);
  }
  function runTest() {
    const { base_url, secret, provider } = settingsOf(values);
    const model = values.model.trim() || undefined;
    const input = EndpointTestInput.safeParse({ base_url, secret, provider, model });
    check(input.error);
    if (input.success) test.mutate(input.data);
  }

  const text = (field: 'name' | 'base_url' | 'concurrency' | 'model') => ({
    value: values[field],
    onChange: (event: { target: { value: string } }) => change({ [field]: event.target.value }),
    autoComplete: 'off',
    spellCheck: false,
  });
  const preset = values.provider === '' ? null : PROVIDERS[values.provider];
  return (
    <Dialog
      open
      onOpenChange={onClose}
      wide
      title={endpoint ? `Edit ${endpoint.name}` : 'Add endpoint'}
      description={endpoint && 'Experiments that were created keep what it was.'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={formId} loading={save.isPending}>
            Save endpoint
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="grid gap-4 sm:grid-cols-2" noValidate>
        <Field
          label="Provider"
          className="sm:col-span-2"
          hint={
            preset ? (
              <>
                {preset.note && `${preset.note} `}
                <a href={preset.docs} target="_blank" rel="noreferrer" className="link">
                  {preset.label}’s documentation
                </a>
              </>
            ) : (
              'Fills in the address and the name of the key.'
            )
          }
        >
          <Select
            className="w-full"
            value={values.provider}
            onChange={(provider) => change(endpoint ? { provider } : presetOf(provider, values.name))}
            options={[
              { value: '', label: 'Another one' },
              ...PROVIDER_IDS.map((value) => ({ value, label: PROVIDERS[value].label })),
            ]}
          />
        </Field>
        {!endpoint && (
          <Field label="Name" error={errors.name} hint="Configs refer to it by this name.">
            <Input {...text('name')} className="font-mono" />
          </Field>
        )}
        <Field
          label="Base URL"
          className={endpoint && 'sm:col-span-2'}
          error={errors.base_url}
          hint="The address before /chat/completions, such as http://127.0.0.1:8000/v1."
        >
          <Input {...text('base_url')} type="url" inputMode="url" className="font-mono" />
        </Field>
        <SecretField
          value={values.secret}
          suggested={preset?.secret ?? undefined}
          error={errors.secret}
          onChange={(secret) => change({ secret })}
        />
        <Field label="Calls at once" optional error={errors.concurrency}>
          <Input {...text('concurrency')} inputMode="numeric" placeholder="found by trying" />
        </Field>
        <div className="border-t pt-3 sm:col-span-2">
          <Field
            label="Model to test with"
            optional
            hint="Asked one short question. Without one, its list of models is read."
          >
            <Input {...text('model')} className="font-mono" />
          </Field>
          <div className="pt-2">
            <Button icon={<PlugZap aria-hidden />} loading={test.isPending} onClick={runTest}>
              Test connection
            </Button>
            {(test.data || test.error) && <TestResult result={test.data} error={test.error} />}
          </div>
        </div>
        {save.isError && (
          <div className="sm:col-span-2">
            <Notice tone="danger">{errorMessage(save.error)}</Notice>
          </div>
        )}
      </form>
    </Dialog>
  );
}
