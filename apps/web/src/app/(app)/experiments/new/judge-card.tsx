'use client';

import { JUDGE_PRESETS, type JudgePreset, type JudgeScale, sharedFamily } from '@touchstone/schemas';
import { BookOpen, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button.tsx';
import { Checkbox } from '@/components/checkbox.tsx';
import { Field } from '@/components/field.tsx';
import { Input, Textarea } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { Select } from '@/components/select.tsx';
import { ConnectionFields, ModelNameField } from './connection-fields.tsx';
import type { EndpointForm } from './form.ts';
import { type JudgeForm, presetOf, withPreset } from './judge-form.ts';
import { ModelPicker } from './model-picker.tsx';

const SCALES: { value: JudgeScale['kind']; label: string }[] = [
  { value: 'range', label: 'Whole numbers' },
  { value: 'unit', label: 'Any number from 0 to 1' },
  { value: 'yes_no', label: 'Yes or no' },
  { value: 'categories', label: 'Named categories' },
];

type JudgeCardProps = {
  judge: JudgeForm;
  /** From 1, for what it is called until it has a name. */
  number: number;
  /** Where its fields stand in the request: `metrics.3`. */
  path: string;
  task: React.ComponentProps<typeof ModelPicker>['task'];
  /** The models whose answers it is to judge. */
  candidates: readonly { model: string }[];
  hasReference: boolean;
  errorAt: (path: string) => string | undefined;
  onChange: (changes: Partial<JudgeForm>) => void;
  onRemove: () => void;
};

/** A language model that scores the answers: what it is told, what it may say, and where it is reached. */
export function JudgeCard(props: JudgeCardProps) {
  const { judge, number, path, task, candidates, hasReference, errorAt, onChange, onRemove } = props;
  const [isPicking, setIsPicking] = useState(false);
  const { endpoint } = judge;
  const title = judge.name || `Judge ${number}`;
  const setEndpoint = (changes: Partial<EndpointForm>) => onChange({ endpoint: { ...endpoint, ...changes } });
  const setParam = (name: 'temperature' | 'max_tokens', value: string) =>
    setEndpoint({ params: { ...endpoint.params, [name]: value } });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a legend cannot stand in a row with buttons
    <div role="group" aria-label={`Judge ${number}`} className="space-y-4 rounded-md border px-4 pt-2 pb-4">
      <div className="flex items-center justify-between gap-2">
        <h4 className="truncate text-sm font-semibold">{title}</h4>
        <IconButton label={`Remove ${title}`} icon={<Trash2 aria-hidden />} onClick={onRemove} />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Preset" hint="Fills in what follows; every word can be changed.">
          <Select
            name={`${path}.preset`}
            className="w-full"
            value={presetOf(judge)}
            options={[
              { value: '', label: 'My own words' },
              ...Object.entries(JUDGE_PRESETS).map(([value, { label }]) => ({ value, label })),
            ]}
            onChange={(preset) =>
              onChange(preset === '' ? { instructions: '' } : withPreset(judge, preset as JudgePreset))
            }
          />
        </Field>
        <Field label="Name" error={errorAt(`${path}.name`)} hint="Letters, digits and _: helpful.">
          <Input
            name={`${path}.name`}
            value={judge.name}
            onChange={(event) => onChange({ name: event.target.value })}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
      </div>
      <Field
        label="Instructions"
        error={errorAt(`${path}.instructions`)}
        hint="In plain words: what makes an answer good, and what each score means."
      >
        <Textarea
          name={`${path}.instructions`}
          value={judge.instructions}
          onChange={(event) => onChange({ instructions: event.target.value })}
          rows={6}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Scale" error={errorAt(`${path}.scale`)} hint="The highest is the best.">
          <Select
            name={`${path}.scale.kind`}
            className="w-full"
            value={judge.scale}
            options={SCALES}
            onChange={(scale) => onChange({ scale: scale as JudgeScale['kind'] })}
          />
        </Field>
        {judge.scale === 'range' && (
          <div className="grid grid-cols-2 gap-4">
            {(['low', 'high'] as const).map((end) => (
              <Field key={end} label={end === 'low' ? 'Lowest' : 'Highest'} error={errorAt(`${path}.scale.${end}`)}>
                <Input
                  name={`${path}.scale.${end}`}
                  value={judge[end]}
                  onChange={(event) => onChange({ [end]: event.target.value })}
                  inputMode="numeric"
                  autoComplete="off"
                />
              </Field>
            ))}
          </div>
        )}
        {judge.scale === 'categories' && (
          <Field
            label="Categories"
            error={errorAt(`${path}.scale.categories`)}
            hint="One a line, each with its value: wrong = 0"
          >
            <Textarea
              name={`${path}.scale.categories`}
              value={judge.categories}
              onChange={(event) => onChange({ categories: event.target.value })}
              placeholder={'wrong = 0: a fact is wrong\nincomplete = 0.5\nright = 1'}
              rows={4}
            />
          </Field>
        )}
      </div>
      <div>
        <Checkbox
          label="Sees the input"
          description="What the answer was written for."
          checked={judge.uses_input}
          onChange={(uses_input) => onChange({ uses_input })}
        />
        <Checkbox
          label="Sees the reference"
          description={
            hasReference ? 'Rows without one are not judged.' : 'The dataset has no reference column that is chosen.'
          }
          checked={judge.uses_reference && hasReference}
          disabled={!hasReference}
          onChange={(uses_reference) => onChange({ uses_reference })}
        />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <ConnectionFields endpoint={endpoint} path={`${path}.model`} errorAt={errorAt} onChange={setEndpoint} />
        <ModelNameField endpoint={endpoint} path={`${path}.model`} errorAt={errorAt} onChange={setEndpoint} />
      </div>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        {(['temperature', 'max_tokens'] as const).map((name) => (
          <Field
            key={name}
            label={name === 'temperature' ? 'Temperature' : 'Max tokens'}
            optional
            error={errorAt(`${path}.model.params.${name}`)}
          >
            <Input
              name={`${path}.model.params.${name}`}
              value={endpoint.params[name]}
              onChange={(event) => setParam(name, event.target.value)}
              inputMode="decimal"
              autoComplete="off"
            />
          </Field>
        ))}
        {(['input', 'output'] as const).map((side) => (
          <Field
            key={side}
            label={`Price, ${side}`}
            optional
            error={
              errorAt(`${path}.model.price.${side}`) ?? (side === 'input' ? errorAt(`${path}.model.price`) : undefined)
            }
            hint="Dollars per million tokens."
          >
            <Input
              name={`${path}.model.price.${side}`}
              value={endpoint.price[side]}
              onChange={(event) => setEndpoint({ price: { ...endpoint.price, [side]: event.target.value } })}
              inputMode="decimal"
              autoComplete="off"
            />
          </Field>
        ))}
      </div>
      <FamilyWarning judge={endpoint} candidates={candidates} />
      <Button icon={<BookOpen aria-hidden />} onClick={() => setIsPicking(true)}>
        Choose a model
      </Button>
      {isPicking && (
        <ModelPicker
          task={task}
          onChoose={(chosen) => onChange({ endpoint: { ...chosen, name: '' } })}
          onClose={() => setIsPicking(false)}
        />
      )}
    </div>
  );
}

/** Judges favour answers that are like their own. */
function FamilyWarning({ judge, candidates }: { judge: { model: string }; candidates: readonly { model: string }[] }) {
  const alike = candidates.flatMap((candidate) => {
    const family = judge.model.trim() === '' ? null : sharedFamily(judge, candidate);
    return family ? [{ model: candidate.model, family }] : [];
  });
  if (alike.length === 0) return null;
  return (
    <Notice>
      {alike.map(({ model }) => model).join(', ')} and this judge are of one family ({alike[0]!.family}): judges favour
      answers that are like their own. A judge of another family is safer.
    </Notice>
  );
}
