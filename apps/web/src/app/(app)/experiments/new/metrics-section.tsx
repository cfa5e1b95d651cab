import { describeMetric, METRIC_FAMILIES, METRICS, PLAIN_TYPES, type PlainType } from '@touchstone/schemas';
import { Checkbox } from '@/components/checkbox.tsx';
import { Field } from '@/components/field.tsx';
import { Notice } from '@/components/notice.tsx';
import { Select } from '@/components/select.tsx';
import { Checks } from './checks.tsx';
import { toggleMetric } from './form.ts';
import { JudgeList } from './judge-list.tsx';
import { FormSection, type SectionProps } from './section.tsx';

const FAMILIES = METRIC_FAMILIES.map((title) => ({
  title,
  members: PLAIN_TYPES.filter((type) => METRICS[type].family === title),
})).filter(({ members }) => members.length > 0);

/** The corpus metric that brings the sentence form with it. */
const BROUGHT_BY: Partial<Record<PlainType, PlainType>> = {
  sentence_bleu: 'bleu',
  sentence_chrf: 'chrf',
  sentence_chrf_pp: 'chrf_pp',
  sentence_ter: 'ter',
};

export function MetricsSection({ form, change, resolved, dataset, errorAt }: SectionProps) {
  const { metrics, primary_metric } = resolved;
  const isChosen = (name: string) => metrics.some((metric) => metric.name === name);
  const hasReference = resolved.reference_column !== null;
  const lacksReference = dataset !== undefined && !hasReference;
  return (
    <FormSection id="metrics" title="Metrics" description="Every answered row is scored by each.">
      {lacksReference && (
        <Notice>
          Most metrics compare the answer with a reference, and none is chosen.{' '}
          <a href="#data" className="link">
            Choose a reference column
          </a>{' '}
          to use them.
        </Notice>
      )}
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {FAMILIES.map(({ title, members }) => (
          <fieldset key={title} className="min-w-0">
            <legend className="pb-0.5 text-sm font-medium">{title}</legend>
            {members.map((metric) => {
              const bringer = BROUGHT_BY[metric];
              const isBrought = bringer !== undefined && isChosen(bringer);
              const info = METRICS[metric];
              const isBlocked = info.needs_reference && lacksReference;
              return (
                <Checkbox
                  key={metric}
                  label={info.label}
                  description={
                    isBlocked
                      ? 'Needs a reference.'
                      : isBrought
                        ? `Comes with ${METRICS[bringer].label}. ${info.description}`
                        : info.description
                  }
                  checked={isChosen(metric)}
                  disabled={isBlocked || isBrought}
                  onChange={(on) => change({ metrics: toggleMetric(metrics, metric, on) })}
                />
              );
            })}
          </fieldset>
        ))}
      </div>
      <Checks metrics={metrics} onChange={(metrics) => change({ metrics })} />
      <JudgeList form={form} change={change} resolved={resolved} errorAt={errorAt} />
      {errorAt('metrics') && (
        <p role="alert" className="text-sm text-danger">
          {errorAt('metrics')}
        </p>
      )}
      {primary_metric && (
        <Field
          label="Main metric"
          hint="The list of experiments and the order of the comparison go by it."
          className="max-w-md"
        >
          <Select
            name="primary_metric"
            className="w-full"
            value={primary_metric}
            options={[
              ...metrics.map(describeMetric).map(({ name, label }) => ({ value: name, label })),
              ...form.judges.map(({ name }) => name.trim()).filter((name) => name !== ''),
            ]}
            onChange={(primary) => change({ primary_metric: primary })}
          />
        </Field>
      )}
    </FormSection>
  );
}
