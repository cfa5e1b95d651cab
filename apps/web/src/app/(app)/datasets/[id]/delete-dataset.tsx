'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { ConfirmDialog } from '@/components/confirm-dialog.tsx';
import { RadioGroup } from '@/components/radio-group.tsx';
import { toast } from '@/components/toast.tsx';
import { formatCounted } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUploads } from '../uploads.tsx';

type Scope = 'version' | 'all';

export function DeleteDataset({ dataset }: { dataset: Dataset }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const uploads = useUploads();
  const [open, setOpen] = useState(false);
  const [scope, setScope] = useState<Scope>('version');
  const hasVersions = dataset.version_count > 1;
  const isAll = scope === 'all' || !hasVersions;
  const remove = useMutation(
    trpc.datasets.remove.mutationOptions({
      onSuccess: () => {
        router.push('/datasets');
        // What was uploaded is the first version, whose id is that of all.
        uploads.forget(isAll ? dataset.root_id : dataset.id);
        toast(isAll ? `${dataset.name} was deleted.` : `Version ${dataset.version} of ${dataset.name} was deleted.`);
        return queryClient.invalidateQueries(trpc.datasets.pathFilter());
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
        onOpenChange={setOpen}
        title={`Delete ${dataset.name}?`}
        action={isAll ? 'Delete dataset' : `Delete version ${dataset.version}`}
        mutation={remove}
        onConfirm={() => remove.mutate({ id: dataset.id, all_versions: scope === 'all' })}
      >
        <div className="space-y-3">
          {hasVersions && (
            <RadioGroup<Scope>
              legend="What to delete"
              hideLegend
              value={scope}
              onChange={setScope}
              options={[
                { value: 'version', label: `Only version ${dataset.version}` },
                { value: 'all', label: `All ${dataset.version_count} versions` },
              ]}
            />
          )}
          <p>{isAll && hasVersions ? 'Every version is removed for good.' : consequence(dataset)}</p>
        </div>
      </ConfirmDialog>
    </>
  );
}

function consequence({ experiment_count, row_count, format, filename }: Dataset): string {
  if (experiment_count > 0) {
    return `${formatCounted(experiment_count, 'experiment uses', 'experiments use')} it. While that is so, it cannot be deleted.`;
  }
  const file = format === null ? '' : ` and the file ${filename}`;
  return `Its ${formatCounted(row_count, 'row')}${file} are removed for good.`;
}
