'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { useRef, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Textarea } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { formatCounted } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { countEdits, type Edits, toChanges } from './edits.ts';

type SaveVersionProps = { dataset: Dataset; edits: Edits; onDiscard: () => void; onSaved: (dataset: Dataset) => void };

/** How many cells were changed, and what to do with them. */
export function SaveVersion({ dataset, edits, onDiscard, onSaved }: SaveVersionProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState('');
  // The same changes with the same note are one request, however often they are sent.
  const sent = useRef<{ request_id: string; body: string } | null>(null);
  const save = useMutation(
    trpc.datasets.edit.mutationOptions({
      onSuccess: (version) => {
        setOpen(false);
        onSaved(version);
        return queryClient.invalidateQueries(trpc.datasets.pathFilter());
      },
    }),
  );
  const count = countEdits(edits);
  if (count === 0) return null;
  const submit = () => {
    const body = { id: dataset.id, changes: toChanges(edits), note };
    const text = JSON.stringify(body);
    if (sent.current?.body !== text) sent.current = { request_id: crypto.randomUUID(), body: text };
    save.mutate({ request_id: sent.current.request_id, ...body });
  };
  return (
    <>
      <Notice
        action={
          <span className="flex flex-wrap gap-2">
            <Button variant="ghost" onClick={onDiscard}>
              Discard
            </Button>
            <Button variant="primary" onClick={() => setOpen(true)}>
              Save as new version
            </Button>
          </span>
        }
      >
        <span className="inline-block py-1">{formatCounted(count, 'cell')} changed, not saved yet.</span>
      </Notice>
      <Dialog
        open={open}
        onOpenChange={(open) => {
          setOpen(open);
          save.reset();
        }}
        title={`Save ${formatCounted(count, 'changed cell')} as a new version`}
        description={`Version ${dataset.version} stays as it is, and so do the experiments that use it.`}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button variant="primary" loading={save.isPending} onClick={submit}>
              Save version
            </Button>
          </>
        }
      >
        <div className="space-y-3">
          <Field label="What was changed" optional>
            <Textarea value={note} maxLength={2000} onChange={(event) => setNote(event.target.value)} />
          </Field>
          {save.isError && <Notice tone="danger">{errorMessage(save.error)}</Notice>}
        </div>
      </Dialog>
    </>
  );
}
