'use client';

import { useQuery } from '@tanstack/react-query';
import type { Experiment } from '@touchstone/schemas';
import { useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { isUnderWay } from './findings.ts';
import { readRule } from './rule.ts';

/** How the models compare, and which to use by the rule in the URL. While anything runs there is nothing to ask for. */
export function useComparison({ id, status }: Pick<Experiment, 'id' | 'status'>) {
  const trpc = useTRPC();
  const [params] = useUrlParams();
  return useQuery(
    trpc.comparisons.get.queryOptions(
      { experiment_id: id, rule: readRule(params) },
      { enabled: !isUnderWay(status), placeholderData: (before) => before },
    ),
  );
}
