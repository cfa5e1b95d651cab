import type { Budget } from '@touchstone/schemas';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';

export const BUDGET_FIELDS = [
  { name: 'cost', label: 'At most, in dollars', hint: 'Each model needs a price and a max_tokens.' },
  { name: 'tokens', label: 'At most, in tokens', hint: 'Of prompts and answers together.' },
  { name: 'calls', label: 'At most, in calls', hint: 'Repeated ones count.' },
  { name: 'confirm_above', label: 'Ask above, in dollars', hint: 'After the first ten rows, by what they cost.' },
] as const satisfies readonly { name: keyof Budget; label: string; hint: string }[];
type Name = (typeof BUDGET_FIELDS)[number]['name'];

export type BudgetForm = Record<Name, string>;
export const EMPTY_BUDGET: BudgetForm = { cost: '', tokens: '', calls: '', confirm_above: '' };

export function budgetForm(budget: Budget | null): BudgetForm {
  const typed = BUDGET_FIELDS.map(({ name }) => [name, String(budget?.[name] ?? '')]);
  return Object.fromEntries(typed) as BudgetForm;
}

/** What was typed; undefined: no limit at all. */
export function readBudget(values: BudgetForm): Budget | undefined {
  const given = BUDGET_FIELDS.filter(({ name }) => values[name].trim() !== '');
  if (given.length === 0) return undefined;
  return Object.fromEntries(given.map(({ name }) => [name, Number(values[name])])) as Budget;
}

type BudgetFieldsProps = {
  values: BudgetForm;
  onChange: (name: Name, value: string) => void;
  errorAt?: (path: string) => string | undefined;
};

export function BudgetFields({ values, onChange, errorAt }: BudgetFieldsProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {BUDGET_FIELDS.map(({ name, label, hint }) => (
        <Field key={name} label={label} optional hint={hint} error={errorAt?.(`budget.${name}`)}>
          <Input
            name={`budget.${name}`}
            inputMode="decimal"
            autoComplete="off"
            value={values[name]}
            onChange={(event) => onChange(name, event.target.value)}
          />
        </Field>
      ))}
    </div>
  );
}
