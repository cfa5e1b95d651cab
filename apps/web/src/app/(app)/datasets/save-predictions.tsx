'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRef, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { formatCounted } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

type SavePredictionsProps = {
  workflow: { id: string; name: string };
  /** The experiment's name, of which one for the dataset is made. */
  experiment: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
};

/** Asks for a name and saves a workflow's answers as a dataset. The workflow must be over. */
export function SavePredictionsDialog(props: SavePredictionsProps) {
  // Opened again, it starts afresh.
  return props.open ? <OpenDialog {...props} /> : null;
}

function OpenDialog({ workflow, experiment, onOpenChange }: SavePredictionsProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState(`${experiment}, answers of ${workflow.name}`.slice(0, 200));
  const sent = useRef<{ request_id: string; name: string } | null>(null);
  const create = useMutation(
    trpc.datasets.create_from_workflow.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(trpc.datasets.list.pathFilter()),
    }),
  );
  const submit = () => {
    if (sent.current?.name !== name) sent.current = { request_id: crypto.randomUUID(), name };
    create.mutate({ request_id: sent.current.request_id, workflow_id: workflow.id, name });
  };
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title={`Save the answers of ${workflow.name} as a dataset`}
      description="A row for each sampled row: its input, its reference where there is one, and the answer as the column prediction, blank where there was none."
      actions={
        create.isSuccess ? (
          <Button onClick={() => onOpenChange(false)}>Close</Button>
        ) : (
          <>
            <Button onClick={() => onOpenChange(false)}>Cancel</Button>
            <Button variant="primary" loading={create.isPending} disabled={name.trim() === ''} onClick={submit}>
              Save dataset
            </Button>
          </>
        )
      }
    >
      {create.isSuccess ? (
        <Notice>
          <Link className="link" href={`/datasets/${create.data.id}`}>
            {create.data.name}
          </Link>{' '}
          was saved: {formatCounted(create.data.row_count, 'row')}.
        </Notice>
      ) : (
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
          {create.isError && <Notice tone="danger">{errorMessage(create.error)}</Notice>}
        </form>
      )}
    </Dialog>
  );
}
