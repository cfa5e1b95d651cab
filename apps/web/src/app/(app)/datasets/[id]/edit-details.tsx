'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { DetailsDialog } from '@/components/details-dialog.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

/** Name and description, of every version. */
export function EditDetails({ dataset }: { dataset: Dataset }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const update = useMutation(
    trpc.datasets.update.mutationOptions({
      onSuccess: (changed) => {
        queryClient.setQueryData(trpc.datasets.get.queryKey({ id: dataset.id }), changed);
        setOpen(false);
        return queryClient.invalidateQueries(trpc.datasets.pathFilter());
      },
    }),
  );
  return (
    <>
      <Button
        variant="ghost"
        onClick={() => {
          update.reset();
          setOpen(true);
        }}
      >
        Rename or describe
      </Button>
      {open && (
        <DetailsDialog
          title={`Rename or describe ${dataset.name}`}
          {...(dataset.version_count > 1 && { hint: 'This holds for every version.' })}
          initial={dataset}
          placeholder="Where the texts come from, what the references are."
          pending={update.isPending}
          error={update.error && errorMessage(update.error)}
          onSave={(details) => update.mutate({ id: dataset.id, ...details })}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
