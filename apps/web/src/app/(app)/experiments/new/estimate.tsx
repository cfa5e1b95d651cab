'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ExperimentEstimate, ExperimentPlan } from '@touchstone/schemas';
import { useEffect, useState } from 'react';
import { formatDuration, formatMoney, formatNumber } from '@/lib/format.ts';
import { errorMessage, useTRPCClient } from '@/lib/trpc.tsx';
import type { Check } from './check.ts';

/** Milliseconds without a change until an estimate is asked for. */
const SETTLED_MS = 600;

/** What the run would use, once everything that it needs is there. */
export function Estimate({ request }: Pick<Check, 'request'>) {
  const { data, error } = useEstimate(request);
  if (request === null) return <span className="text-faint">–</span>;
  if (error) {
    return (
      <>
        –<span className="block whitespace-pre-line text-faint">{errorMessage(error)}</span>
      </>
    );
  }
  if (!data) return <span className="text-faint">…</span>;
  const { tokens, cost, seconds } = data.total;
  const power = data.power && <span className="block pt-2">{data.power.text}</span>;
  if (tokens.prompt + tokens.completion === 0) return <>no cost: no model is called{power}</>;
  const money = cost === null ? 'cost –' : `about ${formatMoney(cost)}`;
  const time = seconds === null ? 'time –' : formatDuration(seconds);
  return (
    <>
      {money}, {formatNumber(tokens.prompt + tokens.completion)} tokens, {time}
      <Assumptions estimate={data} />
      {power}
    </>
  );
}

/** Open where something is unknown: there it says why. */
function Assumptions({ estimate: { models, judges, total, assumptions } }: { estimate: ExperimentEstimate }) {
  const called = [...models, ...judges.map((judge) => ({ ...judge, name: `Judge ${judge.name}` }))].filter(
    ({ tokens }) => tokens.prompt + tokens.completion > 0,
  );
  return (
    <details className="text-faint" open={total.cost === null || total.seconds === null}>
      <summary className="cursor-pointer">an estimate: what it rests on</summary>
      <ul className="space-y-1 pt-1">
        {called.map((model) => (
          <li key={model.name}>
            <span className="text-muted">{model.name}</span>: {model.assumptions.join(' ')}
          </li>
        ))}
        {assumptions.map((assumption) => (
          <li key={assumption}>{assumption}</li>
        ))}
      </ul>
    </details>
  );
}

function useEstimate(request: Check['request']) {
  const client = useTRPCClient();
  const plan = useSettled(JSON.stringify(request));
  return useQuery({
    // As keys of queries are made; it is asked by POST, for a plan may be long, and changes nothing.
    queryKey: [['experiments', 'estimate'], { input: plan }],
    queryFn: ({ signal }) => client.experiments.estimate.mutate(JSON.parse(plan) as ExperimentPlan, { signal }),
    enabled: plan !== 'null',
    placeholderData: keepPreviousData,
  });
}

/** The text, once it is typed. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
