import { Plus } from 'lucide-react';
import { Button } from '@/components/button.tsx';
import { judgePath } from './form.ts';
import { JudgeCard } from './judge-card.tsx';
import { emptyJudge, type JudgeForm } from './judge-form.ts';
import type { SectionProps } from './section.tsx';

/** Language models that score the answers. */
export function JudgeList({
  form,
  change,
  resolved,
  errorAt,
}: Pick<SectionProps, 'form' | 'change' | 'resolved' | 'errorAt'>) {
  const { judges } = form;
  const set = (key: string, changes: Partial<JudgeForm>) =>
    change({ judges: judges.map((judge) => (judge.key === key ? { ...judge, ...changes } : judge)) });
  return (
    <fieldset className="min-w-0 space-y-3">
      <legend className="pb-0.5 text-sm font-medium">Judges</legend>
      <p className="text-sm text-faint">
        A language model scores each answer by your instructions and says why. It costs a call per answer, and its
        scores are marked “not checked”.
      </p>
      {judges.map((judge, index) => (
        <JudgeCard
          key={judge.key}
          judge={judge}
          number={index + 1}
          path={judgePath(resolved, index)}
          task={form.task}
          candidates={form.endpoints.map(({ model }) => ({ model: model.trim() })).filter(({ model }) => model !== '')}
          hasReference={resolved.reference_column !== null}
          errorAt={errorAt}
          onChange={(changes) => set(judge.key, changes)}
          onRemove={() => change({ judges: judges.filter(({ key }) => key !== judge.key) })}
        />
      ))}
      <Button
        icon={<Plus aria-hidden />}
        onClick={() => change({ judges: [...judges, emptyJudge(crypto.randomUUID())] })}
      >
        Add a judge
      </Button>
    </fieldset>
  );
}
