'use client';

import type { Experiment } from '@touchstone/schemas';
import { BudgetState } from './budget.tsx';
import { ComparisonTable } from './comparison-table.tsx';
import { describeMethods, findings, isUnderWay, primaryMetric, referenceBaseline } from './findings.ts';
import { JudgingView } from './judging.tsx';
import { Problems } from './problems.tsx';
import { TradeOffView } from './trade-off.tsx';
import { useComparison } from './use-comparison.ts';
import { Verdict } from './verdict.tsx';

export function Overview({ experiment }: { experiment: Experiment }) {
  return (
    <div className="space-y-6">
      <BudgetState experiment={experiment} />
      <Verdict experiment={experiment} />
      <Findings experiment={experiment} />
      <div>
        <ComparisonTable experiment={experiment} />
        <ReadingHelp experiment={experiment} />
      </div>
      <TradeOff experiment={experiment} />
      <JudgingView experiment={experiment} />
      <Problems experiment={experiment} />
    </div>
  );
}

function TradeOff({ experiment }: { experiment: Experiment }) {
  const { data } = useComparison(experiment);
  return data ? <TradeOffView experiment={experiment} data={data} /> : null;
}

function Findings({ experiment }: { experiment: Experiment }) {
  const [first, ...others] = findings(experiment);
  return (
    // Announced when it changes for good, not with every row.
    <section
      aria-label="Findings"
      aria-live={isUnderWay(experiment.status) ? 'off' : 'polite'}
      className="max-w-[100ch]"
    >
      <p className="font-medium">{first}</p>
      {others.map((sentence) => (
        <p key={sentence} className="text-muted">
          {sentence}
        </p>
      ))}
    </section>
  );
}

/** What dot, line and hairline mean, and what they do not. */
function ReadingHelp({ experiment }: { experiment: Experiment }) {
  const methods = describeMethods(experiment);
  const isCompared = Boolean(useComparison(experiment).data?.comparison) && !isUnderWay(experiment.status);
  const baseline = referenceBaseline(experiment);
  const isHairlineShown = experiment.workflows.length > 1 && Object.keys(baseline?.metrics ?? {}).length > 0;
  return (
    <div className="max-w-[100ch] space-y-1 pt-3 text-sm text-faint">
      {isCompared && (
        <p>
          Strong: the best model of a column, and those that are not shown to be worse; faint: worse. Line: where the
          model may lie against the best, by all pairs of models together (95 % for all at once); one that reaches the
          dashed line, the best value, cannot be told apart from it. The main metric decides; the other columns are
          exploratory.
        </p>
      )}
      {methods !== null && !isCompared && (
        <p>
          Dot and line: the value with its 95 % interval, for each model on its own ({methods}). The intervals are
          unpaired: all models answered the same rows, which they leave out of account, so intervals that overlap do not
          settle whether a difference is real.
        </p>
      )}
      {baseline && isHairlineShown && (
        <p>
          Hairline: {baseline.name}, the baseline
          {experiment.workflows.filter(({ model }) => model.model.startsWith('baseline/')).length > 1 &&
            ` with the best ${primaryMetric(experiment).label}`}
          .
        </p>
      )}
      <p>
        Latency is the endpoint's, from the request sent to the last byte, without waiting on our side; it depends on
        how many calls run at once.
      </p>
    </div>
  );
}
