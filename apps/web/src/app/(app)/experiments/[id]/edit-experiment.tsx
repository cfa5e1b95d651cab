'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Experiment } from '@touchstone/schemas';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/components/button.tsx';
import { DetailsDialog } from '@/components/details-dialog.tsx';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

/** Its name and description; everything else of an experiment is frozen. */
export function EditExperiment({ experiment }: { experiment: Experiment }) {
  const { id } = experiment;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const update = useMutation(
    trpc.experiments.update.mutationOptions({
      onSuccess: (changed) => {
        queryClient.setQueryData(trpc.experiments.get.queryKey({ id }), changed);
        setOpen(false);
        return queryClient.invalidateQueries(trpc.experiments.list.pathFilter());
      },
    }),
  );
  return (
    <>
      <IconButton
        label="Rename or describe"
        icon={<Pencil aria-hidden />}
        onClick={() => {
          update.reset();
          setOpen(true);
        }}
      />
      {open && (
        <DetailsDialog
          title="Rename or describe the experiment"
          hint="Its data, prompt and metrics are frozen: a change to them is a new experiment."
          initial={experiment}
          placeholder="What it is to find out."
          pending={update.isPending}
          error={update.error && errorMessage(update.error)}
          onSave={(details) => update.mutate({ id, ...details })}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
