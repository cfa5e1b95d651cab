'use client';

import { describeMetric, isCheck, METRICS, type MetricSettings } from '@touchstone/schemas';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button.tsx';
import { CheckDialog } from './check-dialog.tsx';

type ChecksProps = { metrics: readonly MetricSettings[]; onChange: (metrics: MetricSettings[]) => void };

/** The checks among the metrics, as chips that are changed and removed, and a way to another. */
export function Checks({ metrics, onChange }: ChecksProps) {
  // The place of the one that the dialog is about; `new`: none yet.
  const [open, setOpen] = useState<number | 'new' | null>(null);
  const isNew = open === 'new';
  const save = (check: MetricSettings) => {
    onChange(isNew ? [...metrics, check] : metrics.map((metric, i) => (i === open ? check : metric)));
    setOpen(null);
  };
  return (
    <fieldset className="min-w-0">
      <legend className="pb-0.5 text-sm font-medium">Checks of your own</legend>
      <p className="pb-2 text-sm text-faint">What an answer must say or look like: pass or fail.</p>
      <div className="flex flex-wrap items-center gap-2">
        {metrics.map((metric, i) =>
          isCheck(metric) ? (
            <span
              key={metric.name}
              className="inline-flex max-w-full items-center rounded-md border border-line-strong"
              title={describeMetric(metric).description}
            >
              <button
                type="button"
                className="min-h-8 min-w-0 truncate rounded-l-md px-2 hover:bg-subtle"
                aria-label={`Change ${metric.name}`}
                onClick={() => setOpen(i)}
              >
                <code>{metric.name}</code> <span className="text-faint">{METRICS[metric.type].label}</span>
              </button>
              <IconButton
                label={`Remove ${metric.name}`}
                icon={<X aria-hidden />}
                onClick={() => onChange(metrics.filter((other) => other !== metric))}
              />
            </span>
          ) : null,
        )}
        <Button icon={<Plus aria-hidden />} onClick={() => setOpen('new')}>
          Add a check
        </Button>
      </div>
      {open !== null && (
        <CheckDialog
          check={isNew ? null : metrics[open]!}
          others={metrics.filter((_, i) => i !== open)}
          onSave={save}
          onClose={() => setOpen(null)}
        />
      )}
    </fieldset>
  );
}
