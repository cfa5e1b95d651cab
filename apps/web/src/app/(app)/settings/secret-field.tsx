'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Field } from '@/components/field.tsx';
import { Select } from '@/components/select.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { SecretForm } from './secret-form.tsx';

type SecretFieldProps = {
  /** Of a secret; empty: none. */
  value: string;
  /** What a new one is called. */
  suggested?: string | undefined;
  name?: string;
  error: string | undefined;
  onChange: (name: string) => void;
};

/** Chooses a stored key, or stores one in place. */
export function SecretField({ value, suggested, name, error, onChange }: SecretFieldProps) {
  const trpc = useTRPC();
  const { data: secrets = [], isSuccess } = useQuery(trpc.secrets.list.queryOptions());
  const [isAdding, setIsAdding] = useState(false);
  const names = secrets.map((secret) => secret.name);
  const isMissing = value !== '' && isSuccess && !names.includes(value);
  return (
    <>
      <Field
        label="Key"
        optional
        error={error}
        hint={
          <>
            {isMissing ? <span className="text-warn">{value} is not stored. </span> : 'A stored secret. '}
            <button type="button" className="link" onClick={() => setIsAdding(true)}>
              {isMissing ? `Add ${value}` : 'Add a key'}
            </button>
          </>
        }
      >
        <Select
          name={name}
          className="w-full"
          value={value}
          options={[
            { value: '', label: 'No key' },
            ...secrets.map(({ name: secret, last4 }) => ({
              value: secret,
              label: last4 ? `${secret} (…${last4})` : secret,
            })),
            ...(isMissing || (value && !isSuccess)
              ? [{ value, label: `${value}${isMissing ? ' (not stored)' : ''}` }]
              : []),
          ]}
          onChange={onChange}
        />
      </Field>
      {isAdding && (
        <SecretForm
          name={isMissing ? value : (suggested ?? '')}
          taken={names}
          onSaved={onChange}
          onClose={() => setIsAdding(false)}
        />
      )}
    </>
  );
}
