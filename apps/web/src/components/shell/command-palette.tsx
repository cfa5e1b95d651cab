'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Database, FlaskConical, Plus, Search } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { formatCounted } from '@/lib/format.ts';
import { useLeave } from '@/lib/leave.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { OVERLAY } from '../dialog.tsx';
import { PAGES } from './pages.ts';

type Target = { label: string; href: string; icon: ReactNode; note?: string };

const ACTIONS: Target[] = [
  { label: 'New experiment', href: '/experiments/new', icon: <Plus aria-hidden /> },
  ...PAGES.map(({ label, href, icon: Icon }) => ({ label, href, icon: <Icon aria-hidden /> })),
];

export function CommandPalette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={OVERLAY} />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-40 w-[calc(100vw-24px)] max-w-xl -translate-x-1/2 overflow-hidden rounded-md bg-raised shadow-overlay focus:outline-none"
        >
          <Dialog.Title className="sr-only">Search or go to</Dialog.Title>
          <Palette onClose={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Palette({ onClose }: { onClose: () => void }) {
  const leaveFor = useLeave();
  const trpc = useTRPC();
  const [text, setText] = useState('');
  const search = useDeferredValue(text.trim());
  const found = { search: search || undefined, limit: 8 };
  const options = { placeholderData: keepPreviousData };
  const experiments = useQuery(trpc.experiments.list.queryOptions(found, options));
  const datasets = useQuery(trpc.datasets.list.queryOptions(found, options));

  const groups = [
    { heading: 'Go to', targets: ACTIONS.filter(({ label }) => label.toLowerCase().includes(search.toLowerCase())) },
    {
      heading: 'Experiments',
      targets: (experiments.data?.items ?? []).map(({ id, name, dataset }) => ({
        label: name,
        href: `/experiments/${id}`,
        icon: <FlaskConical aria-hidden />,
        note: dataset.name,
      })),
    },
    {
      heading: 'Datasets',
      targets: (datasets.data?.items ?? []).map(({ id, name, row_count }) => ({
        label: name,
        href: `/datasets/${id}`,
        icon: <Database aria-hidden />,
        note: formatCounted(row_count, 'row'),
      })),
    },
  ];
  // What was chosen, or the first where it is not among what is found any more.
  const targets = groups.flatMap((group) => group.targets.map(({ href }) => href));
  const [chosen, setChosen] = useState('');
  const selected = targets.includes(chosen) ? chosen : (targets[0] ?? '');

  const go = (href: string) => {
    onClose();
    leaveFor(href);
  };
  return (
    <Command shouldFilter={false} value={selected} onValueChange={setChosen} label="Search or go to" loop>
      <div className="flex items-center gap-2 border-b px-4">
        <Search aria-hidden className="size-4 shrink-0 text-faint" />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="Page, experiment or dataset"
          className="h-11 w-full bg-transparent text-base placeholder:text-faint focus:outline-none"
        />
      </div>
      <Command.List className="max-h-[50vh] overflow-y-auto p-1">
        <Command.Empty className="px-3 py-6 text-center text-sm text-muted">Nothing has this name.</Command.Empty>
        {groups.map(({ heading, targets }) => (
          <Group key={heading} heading={heading} targets={targets} onSelect={go} />
        ))}
      </Command.List>
    </Command>
  );
}

type GroupProps = { heading: string; targets: Target[]; onSelect: (href: string) => void };

function Group({ heading, targets, onSelect }: GroupProps) {
  if (targets.length === 0) return null;
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-sm [&_[cmdk-group-heading]]:text-faint"
    >
      {targets.map(({ label, href, icon, note }) => (
        <Command.Item
          key={href}
          value={href}
          onSelect={() => onSelect(href)}
          className="flex min-h-8 cursor-pointer items-center gap-2.5 rounded-sm px-3 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted"
        >
          {icon}
          <span className="min-w-0 flex-1 truncate">{label}</span>
          {note && <span className="max-w-40 truncate text-faint">{note}</span>}
        </Command.Item>
      ))}
    </Command.Group>
  );
}
