import type { NameSuggestion } from '@touchstone/schemas';
import { Field } from '@/components/field.tsx';
import { Input, Textarea } from '@/components/input.tsx';
import { formatCount, formatCounted } from '@/lib/format.ts';
import { BudgetFields } from './budget-fields.tsx';
import { availableRows } from './form.ts';
import { FormSection, type SectionProps } from './section.tsx';

type RowsSectionProps = SectionProps & {
  /** Where another experiment has the name that was typed. */
  suggestion: NameSuggestion | null;
};

export function RowsSection({ form, change, resolved, dataset, errorAt, suggestion }: RowsSectionProps) {
  const available = dataset && availableRows(dataset, resolved, form.judges);
  return (
    <FormSection id="rows" title="Rows and name">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Rows"
          optional
          error={errorAt('rows')}
          hint={
            available
              ? `Empty: all ${describeRange(available)}. Fewer are drawn at random, the same for every model.`
              : 'Empty: all. Fewer are drawn at random, the same for every model.'
          }
        >
          <Input
            name="rows"
            type="number"
            min={1}
            max={available?.most}
            inputMode="numeric"
            placeholder={available ? `all ${describeRange(available)}` : 'all'}
            value={form.rows}
            onChange={(event) => change({ rows: event.target.value })}
          />
        </Field>
        <Field label="Seed" error={errorAt('seed')} hint="The same seed draws the same rows.">
          <Input
            name="seed"
            type="number"
            min={0}
            inputMode="numeric"
            value={form.seed}
            onChange={(event) => change({ seed: event.target.value })}
          />
        </Field>
        <Field
          label="Answers per row"
          error={errorAt('repeats')}
          hint="More than one shows how much answers vary, where the temperature lets them. Baselines give one."
        >
          <Input
            name="repeats"
            type="number"
            min={1}
            max={100}
            inputMode="numeric"
            value={form.repeats}
            onChange={(event) => change({ repeats: event.target.value })}
          />
        </Field>
        <Field
          label="Time limit in seconds"
          optional
          error={errorAt('time_limit_s')}
          hint="Of each job's work. At its end the job stops; what is done is kept, and it can be resumed."
        >
          <Input
            name="time_limit_s"
            type="number"
            min={1}
            inputMode="numeric"
            placeholder="as long as it takes"
            value={form.time_limit}
            onChange={(event) => change({ time_limit: event.target.value })}
          />
        </Field>
      </div>
      <details open={Object.values(form.budget).some((value) => value !== '')}>
        <summary className="w-fit rounded-sm py-1 text-sm font-medium text-muted select-none hover:text-fg">
          Budget
          <span className="font-normal text-faint"> – limits over all models together, kept to the last call</span>
        </summary>
        <div className="pt-3">
          <BudgetFields
            values={form.budget}
            errorAt={errorAt}
            onChange={(name, value) => change({ budget: { ...form.budget, [name]: value } })}
          />
        </div>
      </details>
      <Field
        label="Name"
        error={errorAt('name')}
        hint={
          suggestion && (
            <>
              Another experiment has this name.{' '}
              <button type="button" className="link" onClick={() => change({ name: suggestion.name })}>
                Use "{suggestion.name}"
              </button>
            </>
          )
        }
      >
        <Input
          name="name"
          value={resolved.name}
          autoComplete="off"
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field label="Description" optional error={errorAt('description')}>
        <Textarea
          name="description"
          className="min-h-14"
          value={form.description}
          onChange={(event) => change({ description: event.target.value })}
        />
      </Field>
    </FormSection>
  );
}

/** `95`, or `93 to 95` where blanks of two columns may fall together. */
export function describeRange({ least, most }: { least: number; most: number }): string {
  return least === most ? formatCounted(most, 'row') : `${formatCount(least)} to ${formatCounted(most, 'row')}`;
}
