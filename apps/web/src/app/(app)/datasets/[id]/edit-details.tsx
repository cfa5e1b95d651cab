'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input, Textarea } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

/** Name and description, of every version. */
export function EditDetails({ dataset }: { dataset: Dataset }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="ghost" onClick={() => setOpen(true)}>
        Rename or describe
      </Button>
      {open && <DetailsDialog dataset={dataset} onClose={() => setOpen(false)} />}
    </>
  );
}

function DetailsDialog({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState(dataset.name);
  const [description, setDescription] = useState(dataset.description);
  const update = useMutation(
    trpc.datasets.update.mutationOptions({
      onSuccess: (changed) => {
        queryClient.setQueryData(trpc.datasets.get.queryKey({ id: dataset.id }), changed);
        onClose();
        return queryClient.invalidateQueries(trpc.datasets.pathFilter());
      },
    }),
  );
  const submit = () => update.mutate({ id: dataset.id, name, description });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Rename or describe ${dataset.name}`}
      {...(dataset.version_count > 1 && { description: 'This holds for every version.' })}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" loading={update.isPending} disabled={name.trim() === ''} onClick={submit}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') submit();
        }}
      >
        <Field label="Name" error={name.trim() === '' && 'Give it a name.'}>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Description" optional>
          <Textarea
            value={description}
            maxLength={2000}
            placeholder="Where the texts come from, what the references are."
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        {update.isError && <Notice tone="danger">{errorMessage(update.error)}</Notice>}
      </form>
    </Dialog>
  );
}
