'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { toast } from '@/components/toast.tsx';
import { useTRPC } from '@/lib/trpc.tsx';

export function DeleteSecret({ name, onClose }: { name: string; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.secrets.remove.mutationOptions({
      onSuccess: () => {
        toast(`${name} was deleted.`);
        onClose();
        return queryClient.invalidateQueries(trpc.secrets.list.pathFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Delete ${name}?`}
      action="Delete secret"
      mutation={remove}
      onConfirm={() => remove.mutate({ name })}
    >
      Experiments that name it cannot start or resume until a secret of this name is set again.
    </ConfirmDialog>
  );
}
