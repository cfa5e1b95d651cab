'use client';

import { type Experiment, METRICS } from '@touchstone/schemas';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Select } from '@/components/select.tsx';
import { formatScore } from '@/lib/format.ts';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { type Limit, limitParam, readLimit } from './rule.ts';

const PREFER = [
  { value: 'cheapest', label: 'the cheapest, then the fastest' },
  { value: 'fastest', label: 'the fastest, then the cheapest' },
] as const;

/** What decides, changed in place: it is kept in the URL, and nothing is run again. */
export function RuleForm({ experiment }: { experiment: Pick<Experiment, 'primary_metric'> }) {
  const [params, change] = useUrlParams();
  const { delta } = METRICS[experiment.primary_metric];
  const prefer = params.get('prefer') === 'fastest' ? 'fastest' : 'cheapest';
  return (
    <fieldset className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <legend className="sr-only">Rule of the recommendation</legend>
      <Field label="Of models that cannot be told apart">
        <Select
          options={PREFER}
          value={prefer}
          onChange={(value) => change({ prefer: value === 'fastest' ? value : null })}
          className="w-60"
        />
      </Field>
      <LimitField limit="delta" label="Good enough if worse by" placeholder={delta ? formatScore(delta) : '0'} />
      <LimitField limit="max_failed" label="Failed rows, at most %" placeholder="any" />
      <LimitField limit="max_latency_p95" label="p95 in ms, at most" placeholder="any" />
      <LimitField limit="max_cost" label="$ per 1,000 rows, at most" placeholder="any" />
    </fieldset>
  );
}

function LimitField({ limit, label, placeholder }: { limit: Limit; label: string; placeholder: string }) {
  const [params, change] = useUrlParams();
  const text = params.get(limitParam(limit)) ?? '';
  const isWrong = text !== '' && readLimit(limit, text) === null;
  return (
    <Field label={label} error={isWrong && 'A number, such as 2.5'} className="w-44">
      <Input
        inputMode="decimal"
        autoComplete="off"
        placeholder={placeholder}
        value={text}
        onChange={(event) => change({ [limitParam(limit)]: event.target.value })}
      />
    </Field>
  );
}
