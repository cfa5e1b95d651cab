'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApiKey } from '@touchstone/schemas';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { toast } from '@/components/toast.tsx';
import { useTRPC } from '@/lib/trpc.tsx';

export function RevokeApiKey({ apiKey: { id, name, last4 }, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation(
    trpc.api_keys.remove.mutationOptions({
      onSuccess: () => {
        toast(`${name} was revoked.`);
        onClose();
        return queryClient.invalidateQueries(trpc.api_keys.list.pathFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Revoke ${name}?`}
      action="Revoke key"
      mutation={remove}
      onConfirm={() => remove.mutate({ id })}
    >
      Programs that use the key ending with {last4} are refused from now on. What they started goes on. This cannot be
      undone.
    </ConfirmDialog>
  );
}
