'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { toast } from '@/components/toast.tsx';
import { formatCounted } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { useUploads } from '../uploads.tsx';

export function DeleteDataset({ dataset }: { dataset: Dataset }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const uploads = useUploads();
  const [open, setOpen] = useState(false);
  const remove = useMutation(
    trpc.datasets.remove.mutationOptions({
      onSuccess: () => {
        router.push('/datasets');
        uploads.forget(dataset.id);
        toast(`${dataset.name} was deleted.`);
        return queryClient.invalidateQueries(trpc.datasets.list.pathFilter());
      },
    }),
  );
  return (
    <>
      <Button variant="ghost" icon={<Trash2 aria-hidden />} onClick={() => setOpen(true)}>
        Delete dataset
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={(open) => {
          setOpen(open);
          remove.reset();
        }}
        title={`Delete ${dataset.name}?`}
        action="Delete dataset"
        pending={remove.isPending}
        error={remove.isError && errorMessage(remove.error)}
        onConfirm={() => remove.mutate({ id: dataset.id })}
      >
        {dataset.experiment_count > 0
          ? `${formatCounted(dataset.experiment_count, 'experiment uses', 'experiments use')} it. While that is so, it cannot be deleted.`
          : `Its ${formatCounted(dataset.row_count, 'row')} and the file ${dataset.filename} are removed for good.`}
      </ConfirmDialog>
    </>
  );
}
