'use client';

import { useMutation } from '@tanstack/react-query';
import type { Experiment, ExperimentComparison, Recommendation } from '@touchstone/schemas';
import { ChevronDown, RotateCw } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '@/components/button.tsx';
import { Notice } from '@/components/notice.tsx';
import { Skeleton } from '@/components/skeleton.tsx';
import { cx } from '@/lib/cx.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { useUrlParams } from '@/lib/use-url-params.ts';
import { isUnderWay } from './findings.ts';
import { PairTable } from './pair-table.tsx';
import { RuleForm } from './rule-form.tsx';
import { useComparison } from './use-comparison.ts';

/** Which model to use, in a sentence or two, and on demand why. Nothing before all models are over and compared. */
export function Verdict({ experiment }: { experiment: Experiment }) {
  const { data, error } = useComparison(experiment);
  if (isUnderWay(experiment.status)) return null;
  if (error && !data) return <Notice tone="warn">The comparison could not be loaded: {errorMessage(error)}</Notice>;
  if (!data) return <Skeleton className="h-14 w-full" />;
  if (data.status === 'failed' || data.status === 'stopped') return <NotCompared experiment={experiment} data={data} />;
  if (!data.recommendation) return null;
  return <Band experiment={experiment} data={data} recommendation={data.recommendation} />;
}

type BandProps = { experiment: Experiment; data: ExperimentComparison; recommendation: Recommendation };

function Band({ experiment, data, recommendation }: BandProps) {
  const [params, change] = useUrlParams();
  const isOpen = params.get('why') === '1';
  const { text, rule, evidence, would_change } = recommendation;
  return (
    <section aria-label="Verdict" aria-live="polite" className="rounded-md border px-4 py-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <p className="max-w-[100ch] min-w-0 flex-1 basis-80 font-medium break-words">{text}</p>
        <Button
          variant="ghost"
          className="ml-auto"
          aria-expanded={isOpen}
          aria-controls="why"
          onClick={() => change({ why: isOpen ? null : '1' })}
          icon={<ChevronDown aria-hidden className={cx('transition-transform', isOpen && 'rotate-180')} />}
        >
          Why
        </Button>
      </div>
      {isOpen && (
        <div id="why" className="mt-3 space-y-5 border-t pt-3">
          <div className="space-y-2">
            <p className="max-w-[100ch] text-muted">Rule: {rule}</p>
            <RuleForm experiment={experiment} />
          </div>
          <Sentences title="Evidence" sentences={evidence} />
          <Sentences title="What would change it" sentences={would_change} />
          {data.comparison && data.comparison.pairs.length > 0 && (
            <PairTable workflows={experiment.workflows} comparison={data.comparison} />
          )}
        </div>
      )}
    </section>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <div>
      <h2 className="font-semibold">{title}</h2>
      <ul className="max-w-[110ch] list-disc space-y-0.5 pl-5 text-muted">
        {sentences.map((sentence) => (
          <li key={sentence} className="break-words">
            {sentence}
          </li>
        ))}
      </ul>
    </div>
  );
}

function NotCompared({ experiment, data }: { experiment: Experiment; data: ExperimentComparison }) {
  const trpc = useTRPC();
  const resume = useMutation(trpc.experiments.resume.mutationOptions());
  // The same click again is the same request.
  const request = useRef(crypto.randomUUID());
  return (
    <Notice
      tone="warn"
      action={
        <Button
          icon={<RotateCw aria-hidden />}
          loading={resume.isPending}
          onClick={() => resume.mutate({ request_id: request.current, id: experiment.id, what: 'not_run' })}
        >
          Compare again
        </Button>
      }
    >
      The models could not be compared{data.reason ? `: ${data.reason}` : '.'} Answers and scores are kept.
      {resume.error && `\n${errorMessage(resume.error)}`}
    </Notice>
  );
}
