'use client';

import { useQuery } from '@tanstack/react-query';
import type { Experiment } from '@touchstone/schemas';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { isUnderWay } from './findings.ts';
import { readRule } from './rule.ts';

/** How the models compare, and which to use by the experiment's rule or, where the URL changes it, by that. While anything runs there is nothing to ask for. */
export function useComparison({ id, status, recommend }: Pick<Experiment, 'id' | 'status' | 'recommend'>) {
  const trpc = useTRPC();
  const [params] = useUrlParams();
  return useQuery(
    trpc.comparisons.get.queryOptions(
      { experiment_id: id, rule: readRule(params, recommend) },
      { enabled: !isUnderWay(status), placeholderData: (before) => before },
    ),
  );
}
