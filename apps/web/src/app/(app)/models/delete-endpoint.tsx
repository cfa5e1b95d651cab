'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Endpoint } from '@touchstone/schemas';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { toast } from '@/components/toast.tsx';
import { formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';

export function DeleteEndpoint({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const { name, experiments } = endpoint;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.endpoints.remove.mutationOptions({
      onSuccess: () => {
        toast(`${name} was deleted.`);
        onClose();
        return queryClient.invalidateQueries(trpc.endpoints.list.pathFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Delete ${name}?`}
      action="Delete endpoint"
      mutation={remove}
      onConfirm={() => remove.mutate({ name })}
    >
      {experiments > 0
        ? `${formatCounted(experiments, 'experiment')} used it and ${experiments === 1 ? 'keeps' : 'keep'} its address: what runs goes on, and what is over can be resumed. Configs that name it need another endpoint.`
        : 'No experiment uses it. Configs that name it need another endpoint.'}{' '}
      Its key stays stored.
    </ConfirmDialog>
  );
}
