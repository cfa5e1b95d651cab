'use client';

import { useMutation } from '@tanstack/react-query';
import type { Experiment, RecommendRule } from '@touchstone/schemas';
import { Save } from 'lucide-react';
import { Button } from '@/components/button.tsx';
import { Checkbox } from '@/components/checkbox.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Select } from '@/components/select.tsx';
import { formatScore } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { primaryMetric } from './findings.ts';
import { type Limit, NO_RULE_PARAMS, readLimit, readRule, ruleParams, typedLimit } from './rule.ts';

const RULES = [
  { value: 'best', label: 'what is not shown to be worse' },
  { value: 'not_worse_by_delta', label: 'only what is shown to lose less' },
] as const;
const PREFER = [
  { value: 'cheapest', label: 'the cheapest, then the fastest' },
  { value: 'fastest', label: 'the fastest, then the cheapest' },
] as const;

type RuleFormProps = { experiment: Pick<Experiment, 'id' | 'metrics' | 'primary_metric' | 'recommend'> };

/** What decides, changed in place: it is kept in the URL until it is saved, and nothing is run again. */
export function RuleForm({ experiment }: RuleFormProps) {
  const { recommend: stored } = experiment;
  const [params, change] = useUrlParams();
  const { delta } = primaryMetric(experiment);
  const rule = readRule(params, stored);
  const choose = (part: Partial<Pick<RecommendRule, 'rule' | 'prefer'>>) =>
    change(ruleParams({ rule: rule.rule, prefer: rule.prefer, ...part }, stored));
  const limit = (name: Limit) => ({ limit: name, stored });
  return (
    <div className="space-y-3">
      <fieldset className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <legend className="sr-only">Rule of the recommendation</legend>
        <Field label="Beside the best">
          <Select options={RULES} value={rule.rule} onChange={(value) => choose({ rule: value })} className="w-72" />
        </Field>
        <LimitField
          {...limit('delta')}
          label="Loss that does not matter"
          placeholder={delta ? formatScore(delta) : '0'}
        />
        <Field label="Of these">
          <Select
            options={PREFER}
            value={rule.prefer}
            onChange={(value) => choose({ prefer: value })}
            className="w-60"
          />
        </Field>
        <LimitField {...limit('max_failed')} label="Failed rows, at most %" placeholder="any" />
        <LimitField {...limit('max_latency_p95')} label="p95 in ms, at most" placeholder="any" />
        <LimitField {...limit('max_cost')} label="$ per 1,000 rows, at most" placeholder="any" />
      </fieldset>
      <Checkbox
        checked={rule.local_only ?? false}
        onChange={(local_only) => change(ruleParams({ local_only }, stored))}
        label="Only models that run here: on the cluster, or at an endpoint of your own machine or network"
      />
      <SaveRule
        id={experiment.id}
        rule={rule}
        isChanged={Object.keys(NO_RULE_PARAMS).some((name) => params.has(name))}
      />
    </div>
  );
}

function SaveRule({ id, rule, isChanged }: { id: string; rule: RecommendRule; isChanged: boolean }) {
  const trpc = useTRPC();
  const [, change] = useUrlParams();
  const save = useMutation(trpc.experiments.update.mutationOptions({ onSuccess: () => change(NO_RULE_PARAMS) }));
  if (!isChanged) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button icon={<Save aria-hidden />} loading={save.isPending} onClick={() => save.mutate({ id, recommend: rule })}>
        Save rule
      </Button>
      <Button variant="ghost" onClick={() => change(NO_RULE_PARAMS)}>
        Undo
      </Button>
      <span className="text-sm text-faint">Changed for this address alone; saved, it is the experiment's rule.</span>
      {save.error && <p className="text-sm text-danger">{errorMessage(save.error)}</p>}
    </div>
  );
}

type LimitFieldProps = { limit: Limit; stored: RecommendRule; label: string; placeholder: string };

function LimitField({ limit, stored, label, placeholder }: LimitFieldProps) {
  const [params, change] = useUrlParams();
  const text = typedLimit(limit, params, stored);
  const isWrong = text !== '' && readLimit(limit, text) === null;
  return (
    <Field label={label} error={isWrong && 'A number, such as 2.5'} className="w-44">
      <Input
        inputMode="decimal"
        autoComplete="off"
        placeholder={placeholder}
        value={text}
        onChange={(event) => change(ruleParams({ limit, text: event.target.value }, stored))}
      />
    </Field>
  );
}
