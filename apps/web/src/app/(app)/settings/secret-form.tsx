'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { PROVIDERS, SecretSet } from '@touchstone/schemas';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { toast } from '@/components/toast.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

const SUGGESTED = Object.values(PROVIDERS).flatMap(({ secret }) => secret ?? []);

type SecretFormProps = {
  /** The secret that gets a new value; left out: a new one. */
  replace?: string;
  /** What a new one is called, to begin with. */
  name?: string;
  taken: readonly string[];
  onSaved?: (name: string) => void;
  onClose: () => void;
};

export function SecretForm({ replace, name: suggested = '', taken, onSaved, onClose }: SecretFormProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const formId = useId();
  const [name, setName] = useState(replace ?? suggested);
  const [value, setValue] = useState('');
  const [errors, setErrors] = useState<{ name?: string; value?: string }>({});
  const save = useMutation(
    trpc.secrets.set.mutationOptions({
      onSuccess: (secret) => {
        toast(`${secret.name} is saved.`);
        onSaved?.(secret.name);
        onClose();
        return queryClient.invalidateQueries(trpc.secrets.list.pathFilter());
      },
    }),
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    // It may lie over another form.
    event.stopPropagation();
    const secret = SecretSet.safeParse({ name, value });
    if (secret.success) {
      setErrors({});
      return save.mutate(secret.data);
    }
    const message = (field: string) => secret.error.issues.find(({ path }) => path[0] === field)?.message ?? '';
    setErrors({ name: message('name'), value: message('value') });
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={replace ? `Replace ${replace}` : 'Add secret'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={formId} loading={save.isPending}>
            Save secret
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4" noValidate>
        {!replace && (
          <Field
            label="Name"
            error={errors.name}
            hint={
              taken.includes(name)
                ? 'There is a secret of this name: its value will be replaced.'
                : 'Endpoints refer to it by this name.'
            }
          >
            <Input
              value={name}
              onChange={(event) => setName(event.target.value)}
              list={`${formId}-names`}
              className="font-mono"
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
        )}
        <datalist id={`${formId}-names`}>
          {SUGGESTED.filter((suggestion) => !taken.includes(suggestion)).map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
        <Field label="Value" error={errors.value} hint="After this only its last four characters can be seen.">
          <Input
            type="password"
            value={value}
            onChange={(event) => setValue(event.target.value)}
            className="font-mono"
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        {save.isError && <Notice tone="danger">{errorMessage(save.error)}</Notice>}
      </form>
    </Dialog>
  );
}
