'use client';

import { type FormEvent, useId, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { Input, Textarea } from './input.tsx';
import { Notice } from './notice.tsx';

export type Details = { name: string; description: string };

type DetailsDialogProps = {
  title: string;
  /** A sentence under the title. */
  hint?: string;
  initial: Details;
  /** In the empty description: what belongs there. */
  placeholder: string;
  pending: boolean;
  /** Why it was refused. */
  error: string | null;
  onSave: (details: Details) => void;
  onClose: () => void;
};

/** Name and description of something that is there. */
export function DetailsDialog(props: DetailsDialogProps) {
  const { title, hint, initial, placeholder, pending, error, onSave, onClose } = props;
  const form = useId();
  const [{ name, description }, setDetails] = useState(initial);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') onSave({ name, description });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      {...(hint !== undefined && { description: hint })}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" loading={pending} disabled={name.trim() === ''}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} className="space-y-3" onSubmit={save}>
        <Field label="Name" error={name.trim() === '' && 'Give it a name.'}>
          <Input
            value={name}
            maxLength={200}
            onChange={(event) => setDetails({ name: event.target.value, description })}
          />
        </Field>
        <Field label="Description" optional>
          <Textarea
            value={description}
            maxLength={2000}
            placeholder={placeholder}
            onChange={(event) => setDetails({ name, description: event.target.value })}
          />
        </Field>
        {error && <Notice tone="danger">{error}</Notice>}
      </form>
    </Dialog>
  );
}
