'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { Command } from 'cmdk';
import { Check, ChevronsUpDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useEffect, useState } from 'react';
import { CONTROL, useFieldProps } from '@/components/field.tsx';
import { Select } from '@/components/select.tsx';
import { cx } from '@/lib/cx.ts';
import { formatCounted, formatRelative } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { kindOf } from '../../datasets/words.ts';

type DatasetPickerProps = { value: Dataset | undefined; onChange: (id: string) => void };

/** A dataset out of many: opens a list that searches on the server. */
export function DatasetPicker({ value, onChange }: DatasetPickerProps) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  const list = useQuery(
    trpc.datasets.list.queryOptions({ search, limit: 50 }, { placeholderData: keepPreviousData, enabled: open }),
  );
  const datasets = list.data?.items ?? [];
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) setSearch('');
      }}
    >
      <Popover.Trigger asChild>
        <button
          type="button"
          {...useFieldProps()}
          role="combobox"
          aria-expanded={open}
          aria-haspopup="listbox"
          className={cx(CONTROL, 'flex h-8 items-center justify-between gap-2 px-2.5 text-left')}
        >
          <span className={cx('truncate', !value && 'text-faint')}>{value?.name ?? 'Choose a dataset'}</span>
          {value && value.version_count > 1 && <span className="mr-auto shrink-0 text-muted">v{value.version}</span>}
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-faint" />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-(--radix-popover-trigger-width) min-w-72 rounded-md bg-raised shadow-overlay"
        >
          <Command shouldFilter={false} label="Datasets">
            <Command.Input
              value={search}
              onValueChange={setSearch}
              placeholder="Search datasets"
              className="h-9 w-full border-b bg-transparent px-3 outline-none placeholder:text-faint"
            />
            <Command.List className="max-h-72 overflow-y-auto p-1">
              {list.isPending && <p className="px-2 py-3 text-sm text-faint">Loading…</p>}
              {list.isError && <p className="px-2 py-3 text-sm text-danger">{errorMessage(list.error)}</p>}
              {list.isSuccess && (
                <Command.Empty className="px-2 py-3 text-sm text-faint">
                  {search ? `No dataset matches "${search}".` : 'No dataset yet: upload one first.'}
                </Command.Empty>
              )}
              {datasets.map((dataset) => (
                <Command.Item
                  key={dataset.id}
                  value={dataset.id}
                  onSelect={() => {
                    onChange(dataset.id);
                    setOpen(false);
                  }}
                  className="flex cursor-pointer items-start gap-2 rounded-sm px-2 py-1.5 data-[selected=true]:bg-hover"
                >
                  <Check
                    aria-hidden
                    className={cx(
                      'mt-0.5 size-4 shrink-0 text-accent',
                      dataset.root_id !== value?.root_id && 'invisible',
                    )}
                  />
                  <span className="min-w-0">
                    <span className="flex gap-2">
                      <span className="truncate">{dataset.name}</span>
                      <span className="shrink-0 text-faint">v{dataset.version}</span>
                    </span>
                    <span className="block truncate text-sm text-faint">
                      {kindOf(dataset)} · {formatCounted(dataset.row_count, 'row')} ·{' '}
                      {dataset.columns.map(({ name }) => name).join(', ')} · {formatRelative(dataset.created_at)}
                    </span>
                  </span>
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Where there is one dataset only, it is meant. */
export function useOnlyDataset(isNeeded: boolean, onFound: (id: string) => void): void {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.datasets.list.queryOptions({ search: '', limit: 50 }, { enabled: isNeeded }));
  const only = data?.items.length === 1 ? data.items[0]!.id : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is known
  useEffect(() => {
    if (isNeeded && only) onFound(only);
  }, [isNeeded, only]);
}

/** The version of a dataset that has several. */
export function VersionPicker({ dataset, onChange }: { dataset: Dataset; onChange: (id: string) => void }) {
  const trpc = useTRPC();
  const { data = [] } = useQuery(trpc.datasets.versions.queryOptions({ id: dataset.id }));
  const label = ({ version, note }: Pick<Dataset, 'version' | 'note'>) =>
    `v${version}${version === data[0]?.version ? ', the newest' : ''}${note ? `: ${note.slice(0, 60)}` : ''}`;
  return (
    <Select
      className="w-full"
      value={dataset.id}
      options={(data.length > 0 ? data : [dataset]).map((version) => ({ value: version.id, label: label(version) }))}
      onChange={onChange}
    />
  );
}
