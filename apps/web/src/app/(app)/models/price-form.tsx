'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { isHourly, type KnownPrice, PROVIDER_IDS, PROVIDERS, PriceEntry } from '@touchstone/schemas';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Select } from '@/components/select.tsx';
import { toast } from '@/components/toast.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

const OTHER = '';
const isProvider = (provider: string) => (PROVIDER_IDS as readonly string[]).includes(provider);

function valuesOf(line: KnownPrice | null) {
  const price = line?.price;
  const known = line ? isProvider(line.provider) : true;
  return {
    provider: line ? (known ? line.provider : OTHER) : 'openai',
    origin: line && !known ? line.provider : '',
    model: line?.model ?? '',
    input: price && !isHourly(price) ? String(price.input) : '',
    output: price && !isHourly(price) ? String(price.output) : '',
    per_hour: price && isHourly(price) ? String(price.per_hour) : '',
    as_of: line?.as_of ?? new Date().toISOString().slice(0, 10),
  };
}
type Values = ReturnType<typeof valuesOf>;

/** What the form stands for, not yet checked. */
function entryOf({ provider, origin, model, input, output, per_hour, as_of }: Values) {
  const number = (text: string) => (text.trim() === '' ? undefined : Number(text));
  return {
    provider: provider || origin.trim(),
    model,
    price: per_hour.trim() === '' ? { input: number(input), output: number(output) } : { per_hour: number(per_hour) },
    as_of,
  };
}

/** `line`: the one to change; null: a new one. */
export function PriceForm({ line, onClose }: { line: KnownPrice | null; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const formId = useId();
  const [values, setValues] = useState(() => valuesOf(line));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = useMutation(
    trpc.prices.set.mutationOptions({
      onSuccess: ({ model }) => {
        toast(`The price of ${model} is saved.`);
        onClose();
        return queryClient.invalidateQueries(trpc.prices.list.pathFilter());
      },
    }),
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    const entry = PriceEntry.safeParse(entryOf(values));
    setErrors(Object.fromEntries(entry.error?.issues.map(({ path, message }) => [String(path[0]), message]) ?? []));
    if (entry.success) save.mutate(entry.data);
  }
  const text = (name: keyof Values) => ({
    name,
    value: values[name],
    autoComplete: 'off',
    onChange: (event: { target: { value: string } }) =>
      setValues((current) => ({ ...current, [name]: event.target.value })),
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={line ? `Price of ${line.model}` : 'Add price'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" loading={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="space-y-4">
        <Field label="Provider" error={values.provider ? errors.provider : undefined}>
          <Select
            disabled={line !== null}
            value={values.provider}
            onChange={(provider) => setValues((current) => ({ ...current, provider }))}
            options={[
              ...PROVIDER_IDS.map((id) => ({ value: id as string, label: PROVIDERS[id].label })),
              { value: OTHER, label: 'Another endpoint' },
            ]}
          />
        </Field>
        {values.provider === OTHER && (
          <Field label="Address" error={errors.provider} hint="Scheme, host and port: http://127.0.0.1:8000">
            <Input {...text('origin')} disabled={line !== null} />
          </Field>
        )}
        <Field label="Model" error={errors.model} hint="As the endpoint names it.">
          <Input {...text('model')} disabled={line !== null} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Input" error={errors.price} hint="Dollars per million tokens.">
            <Input {...text('input')} inputMode="decimal" />
          </Field>
          <Field label="Output" hint="Dollars per million tokens.">
            <Input {...text('output')} inputMode="decimal" />
          </Field>
          <Field label="Or per hour" hint="Dollars, of a machine of your own.">
            <Input {...text('per_hour')} inputMode="decimal" />
          </Field>
        </div>
        <Field label="As of" error={errors.as_of} hint="The day that the price was read.">
          <Input {...text('as_of')} />
        </Field>
        {save.error && (
          <p role="alert" className="text-sm text-danger">
            {errorMessage(save.error)}
          </p>
        )}
      </form>
    </Dialog>
  );
}
