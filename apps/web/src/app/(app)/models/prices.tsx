'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isHourly, type KnownPrice, PROVIDERS, type Price, type ProviderId } from '@touchstone/schemas';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { EmptyState } from '@/components/empty-state.tsx';
import { ErrorState } from '@/components/error-state.tsx';
import { RelativeTime } from '@/components/number.tsx';
import { TableSkeleton } from '@/components/skeleton.tsx';
import { ActionsTh, Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { toast } from '@/components/toast.tsx';
import { formatMoney } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { PriceForm } from './price-form.tsx';

/** This instance's own price table. */
export function Prices() {
  const trpc = useTRPC();
  const prices = useQuery(trpc.prices.list.queryOptions());
  const [open, setOpen] = useState<{ dialog: 'set' | 'remove'; line: KnownPrice | null } | null>(null);
  const close = () => setOpen(null);
  const add = <Button onClick={() => setOpen({ dialog: 'set', line: null })}>Add price</Button>;
  if (prices.isPending) return <TableSkeleton rows={3} columns={5} label="Loading prices" />;
  if (prices.isError) {
    return <ErrorState title="Prices could not be loaded" error={prices.error} onRetry={() => prices.refetch()} />;
  }
  return (
    <>
      {prices.data.length === 0 ? (
        <EmptyState title="No prices of your own" action={add}>
          The catalogue's prices count. Add one where a price has changed, where a model is not in the catalogue, or for
          a machine of your own, by the hour.
        </EmptyState>
      ) : (
        <>
          <div className="flex flex-wrap items-center justify-between gap-3 pb-3">
            <p className="max-w-[72ch] text-muted">
              They come before the catalogue's. Experiments keep the prices that they were created with.
            </p>
            {add}
          </div>
          <Table label="Prices">
            <THead>
              <Tr>
                <Th>Model</Th>
                <Th>At</Th>
                <Th>Price</Th>
                <Th>As of</Th>
                <Th>Set</Th>
                <ActionsTh />
              </Tr>
            </THead>
            <TBody>
              {prices.data.map((line) => (
                <Tr key={`${line.provider} ${line.model}`}>
                  <Td className="min-w-44 font-medium [overflow-wrap:anywhere]">{line.model}</Td>
                  <Td className="min-w-32 [overflow-wrap:anywhere]">{placeOf(line)}</Td>
                  <Td className="min-w-40">{describePrice(line.price)}</Td>
                  <Td className="whitespace-nowrap">{line.as_of}</Td>
                  <Td className="min-w-32 text-muted">
                    <RelativeTime value={line.updated_at} /> by {line.updated_by}
                  </Td>
                  <Td className="text-right whitespace-nowrap">
                    <Button
                      variant="ghost"
                      aria-label={`Edit the price of ${line.model}`}
                      onClick={() => setOpen({ dialog: 'set', line })}
                    >
                      Edit
                    </Button>
                    <Button
                      variant="ghost"
                      aria-label={`Delete the price of ${line.model}`}
                      onClick={() => setOpen({ dialog: 'remove', line })}
                    >
                      Delete
                    </Button>
                  </Td>
                </Tr>
              ))}
            </TBody>
          </Table>
        </>
      )}
      {open?.dialog === 'set' && <PriceForm line={open.line} onClose={close} />}
      {open?.dialog === 'remove' && open.line && <DeletePrice line={open.line} onClose={close} />}
    </>
  );
}

function placeOf({ provider }: KnownPrice): string {
  return provider in PROVIDERS ? PROVIDERS[provider as ProviderId].label : provider;
}

function describePrice(price: Price): string {
  return isHourly(price)
    ? `${formatMoney(price.per_hour)} per hour`
    : `${formatMoney(price.input)} in, ${formatMoney(price.output)} out per million tokens`;
}

function DeletePrice({ line, onClose }: { line: KnownPrice; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { provider, model } = line;
  const remove = useMutation(
    trpc.prices.remove.mutationOptions({
      onSuccess: () => {
        toast(`The price of ${model} was deleted.`);
        onClose();
        return queryClient.invalidateQueries(trpc.prices.list.pathFilter());
      },
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Delete the price of ${model}?`}
      action="Delete price"
      mutation={remove}
      onConfirm={() => remove.mutate({ provider, model })}
    >
      From then on the catalogue's price counts, where it has one; else the cost is unknown. Experiments keep theirs.
    </ConfirmDialog>
  );
}
