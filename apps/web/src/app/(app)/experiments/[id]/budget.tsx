'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Experiment } from '@touchstone/schemas';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Notice } from '@/components/notice.tsx';
import { formatCount, formatMoney } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { BudgetFields, budgetForm, readBudget } from '../new/budget-fields.tsx';
import { isUnderWay } from './findings.ts';

function useShow({ id }: Experiment) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return (experiment: Experiment) => {
    queryClient.setQueryData(trpc.experiments.get.queryKey({ id }), experiment);
    void queryClient.invalidateQueries(trpc.experiments.pathFilter());
  };
}

/** What was spent of what there is, and the question whether to go on; nothing where there is no budget. */
export function BudgetState({ experiment }: { experiment: Experiment }) {
  const [isEditing, setIsEditing] = useState(false);
  const { budget, spent, confirmation } = experiment;
  if (!budget) return null;
  const limits = [
    budget.cost !== undefined && `${formatMoney(spent?.cost ?? 0)} of ${formatMoney(budget.cost)}`,
    budget.tokens !== undefined && `${formatCount(spent?.tokens ?? 0)} of ${formatCount(budget.tokens)} tokens`,
    budget.calls !== undefined && `${formatCount(spent?.calls ?? 0)} of ${formatCount(budget.calls)} calls`,
  ].filter((part) => part !== false);
  return (
    <div className="space-y-2">
      {confirmation && <Confirmation experiment={experiment} confirmation={confirmation} />}
      <p className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
        <span>
          {limits.length > 0 ? `Spent: ${limits.join(', ')}.` : 'No limit to what is spent.'}
          {budget.confirm_above !== undefined && ` Asks above ${formatMoney(budget.confirm_above)}.`}
        </span>
        <button type="button" className="link" onClick={() => setIsEditing(true)}>
          Change the budget
        </button>
      </p>
      {isEditing && <EditBudget experiment={experiment} onClose={() => setIsEditing(false)} />}
    </div>
  );
}

type ConfirmationProps = { experiment: Experiment; confirmation: NonNullable<Experiment['confirmation']> };

function Confirmation({ experiment, confirmation: { cost, confirm_above } }: ConfirmationProps) {
  const { id } = experiment;
  const trpc = useTRPC();
  const show = useShow(experiment);
  const confirm = useMutation(trpc.experiments.confirm.mutationOptions({ onSuccess: show }));
  const stop = useMutation(trpc.experiments.stop.mutationOptions({ onSuccess: show }));
  const error = confirm.error ?? stop.error;
  return (
    <Notice
      tone="warn"
      action={
        <span className="flex gap-2">
          <Button variant="primary" loading={confirm.isPending} onClick={() => confirm.mutate({ id })}>
            Go on
          </Button>
          <Button loading={stop.isPending} onClick={() => stop.mutate({ id })}>
            Stop
          </Button>
        </span>
      }
    >
      {cost === null
        ? 'The first rows are answered, and nobody says what they cost, so what all will cost is unknown.'
        : `By its first rows the whole will cost about ${formatMoney(cost)}, which is above ${formatMoney(confirm_above)}.`}{' '}
      It waits for you; what is answered is kept.
      {error && ` ${errorMessage(error)}`}
    </Notice>
  );
}

function EditBudget({ experiment, onClose }: { experiment: Experiment; onClose: () => void }) {
  const { id, budget, status } = experiment;
  const formId = useId();
  const trpc = useTRPC();
  const show = useShow(experiment);
  const [values, setValues] = useState(() => budgetForm(budget));
  const update = useMutation(
    trpc.experiments.update.mutationOptions({
      onSuccess: (changed) => {
        show(changed);
        onClose();
      },
    }),
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    update.mutate({ id, budget: readBudget(values) ?? null });
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Change the budget"
      description={
        isUnderWay(status)
          ? 'While the experiment runs, limits can be raised or taken away.'
          : 'Resume then goes on with the rows that have not run.'
      }
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={formId} loading={update.isPending}>
            Save budget
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="space-y-4" noValidate>
        <BudgetFields values={values} onChange={(name, value) => setValues({ ...values, [name]: value })} />
        {update.error && <Notice tone="danger">{errorMessage(update.error)}</Notice>}
      </form>
    </Dialog>
  );
}
