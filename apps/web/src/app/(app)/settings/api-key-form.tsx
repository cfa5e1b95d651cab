'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiKeyCreate, type ApiKeyCreated, type ApiKeyScope } from '@touchstone/schemas';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { CopyButton } from '@/components/copy-button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { RadioGroup } from '@/components/radio-group.tsx';
import { Select } from '@/components/select.tsx';
import { formatDay } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

const SCOPES = [
  { value: 'read', label: 'Read', description: 'Sees datasets, experiments, jobs and results.' },
  { value: 'run', label: 'Run', description: 'Also uploads, edits, starts, stops and deletes them.' },
] as const;

const EXPIRY = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'Never' },
] as const;
type Expiry = (typeof EXPIRY)[number]['value'];

/** Makes a key, and then shows it: this once. */
export function ApiKeyForm({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const formId = useId();
  const [name, setName] = useState('');
  const [scope, setScope] = useState<ApiKeyScope>('read');
  const [expiry, setExpiry] = useState<Expiry>('30');
  const [error, setError] = useState('');
  const create = useMutation(
    trpc.api_keys.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(trpc.api_keys.list.pathFilter()),
    }),
  );
  if (create.isSuccess) return <NewApiKey created={create.data} onClose={onClose} />;

  function submit(event: FormEvent) {
    event.preventDefault();
    const expires_in_days = expiry === 'never' ? null : Number(expiry);
    const input = ApiKeyCreate.safeParse({ name, scope, expires_in_days });
    setError(input.error?.issues[0]?.message ?? '');
    if (input.success) create.mutate(input.data);
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Create API key"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={formId} loading={create.isPending}>
            Create key
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <Field
          label="Name"
          error={error}
          hint="Which program uses it, and where: one key for each can be revoked alone."
        >
          <Input value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" />
        </Field>
        <RadioGroup legend="Scope" options={SCOPES} value={scope} onChange={setScope} />
        <Field label="Expires after">
          <Select options={EXPIRY} value={expiry} onChange={setExpiry} className="max-w-40" />
        </Field>
        {create.isError && <Notice tone="danger">{errorMessage(create.error)}</Notice>}
      </form>
    </Dialog>
  );
}

function NewApiKey({ created, onClose }: { created: ApiKeyCreated; onClose: () => void }) {
  const example = `curl -H "Authorization: Bearer ${created.key}" \\\n  ${window.location.origin}/api/experiments`;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      wide
      title={`API key ${created.name}`}
      description={`It is shown this once. Copy it now: after this only its last four characters can be seen. ${
        created.expires_at ? `It expires on ${formatDay(created.expires_at)}.` : 'It does not expire.'
      }`}
      actions={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex items-end gap-2">
          <Field label="Key" className="flex-1">
            <Input
              readOnly
              value={created.key}
              onFocus={(event) => event.target.select()}
              className="font-mono"
              spellCheck={false}
            />
          </Field>
          <CopyButton text={created.key} label="Copy key" />
        </div>
        <figure>
          <figcaption className="mb-1 flex items-center justify-between text-sm font-medium">
            Try it
            <CopyButton text={example} label="Copy command" variant="ghost" />
          </figcaption>
          <pre className="overflow-x-auto rounded-md bg-subtle p-3 font-mono text-sm whitespace-pre-wrap break-all">
            {example}
          </pre>
        </figure>
        <p className="text-sm text-muted">
          The command line reads it from <code className="font-mono">TOUCHSTONE_API_KEY</code>, with{' '}
          <code className="font-mono">TOUCHSTONE_URL={window.location.origin}</code> beside it.
        </p>
      </div>
    </Dialog>
  );
}
