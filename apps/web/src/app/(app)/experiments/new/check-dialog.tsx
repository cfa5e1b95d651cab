'use client';

import { METRICS, type MetricSettings } from '@touchstone/schemas';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Checkbox } from '@/components/checkbox.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input, Textarea } from '@/components/input.tsx';
import { Select } from '@/components/select.tsx';
import { CHECK_OPTIONS, type CheckForm, checkFormOf, EMPTY_CHECK, readCheck, suggestName } from './check-form.ts';

type CheckDialogProps = {
  /** The one that is changed; null: a new one. */
  check: MetricSettings | null;
  /** The other metrics: names are unique. */
  others: readonly { name: string }[];
  onSave: (check: MetricSettings) => void;
  onClose: () => void;
};

/** A check that a person makes: what it is called, and what it looks for in an answer. */
export function CheckDialog({ check, others, onSave, onClose }: CheckDialogProps) {
  const id = useId();
  const [form, setForm] = useState(check ? checkFormOf(check) : EMPTY_CHECK);
  const [tried, setTried] = useState(false);
  const { check: made, errors } = readCheck(form, others);
  const change = (part: Partial<CheckForm>) => setForm({ ...form, ...part });
  const save = (event: FormEvent) => {
    event.preventDefault();
    // It is inside the form of the experiment, for React if not for the browser.
    event.stopPropagation();
    setTried(true);
    if (made) onSave(made);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={check ? `Change ${check.name}` : 'Add a check'}
      description="Every answer passes or fails; the score is the share that passes."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={id} variant="primary">
            {check ? 'Change check' : 'Add check'}
          </Button>
        </>
      }
    >
      <form id={id} className="space-y-3" onSubmit={save}>
        <Field label="What to check" hint={METRICS[form.type].description}>
          <Select className="w-full" value={form.type} options={CHECK_OPTIONS} onChange={(type) => change({ type })} />
        </Field>
        <Settings form={form} errorAt={(field) => (tried ? errors[field] : undefined)} change={change} />
        <Field
          label="Name"
          hint="The column of its results: letters, digits and _."
          error={(tried || form.name !== null) && errors.name}
        >
          <Input
            value={form.name ?? suggestName(form, others)}
            maxLength={64}
            spellCheck={false}
            onChange={(event) => change({ name: event.target.value })}
          />
        </Field>
      </form>
    </Dialog>
  );
}

type SettingsProps = {
  form: CheckForm;
  errorAt: (field: keyof CheckForm) => string | undefined;
  change: (part: Partial<CheckForm>) => void;
};

function Settings({ form, errorAt, change }: SettingsProps) {
  const { type } = form;
  const text = (field: 'text' | 'pattern' | 'absolute_tolerance' | 'relative_tolerance', mono = false) => (
    <Input
      value={form[field]}
      spellCheck={false}
      className={mono ? 'font-mono' : undefined}
      onChange={(event) => change({ [field]: event.target.value })}
    />
  );
  const ignoreCase = (
    <Checkbox
      label="Upper and lower case are alike"
      checked={form.ignore_case}
      onChange={(ignore_case) => change({ ignore_case })}
    />
  );
  if (type === 'contains' || type === 'starts_with') {
    return (
      <>
        <Field label="Text" error={errorAt('text')}>
          {text('text')}
        </Field>
        {ignoreCase}
      </>
    );
  }
  if (type === 'contains_any' || type === 'contains_all') {
    return (
      <>
        <Field label="Texts" hint="One a line." error={errorAt('texts')}>
          <Textarea
            rows={4}
            value={form.texts}
            spellCheck={false}
            onChange={(event) => change({ texts: event.target.value })}
          />
        </Field>
        {ignoreCase}
      </>
    );
  }
  if (type === 'regex') {
    return (
      <>
        <Field
          label="Pattern"
          hint="RE2: found anywhere in the answer; ^…$ for the whole. No look-arounds or back-references."
          error={errorAt('pattern')}
        >
          {text('pattern', true)}
        </Field>
        {ignoreCase}
      </>
    );
  }
  if (type === 'json_schema') {
    return (
      <Field label="Schema" hint="JSON Schema, draft 2020-12." error={errorAt('schema')}>
        <Textarea
          rows={10}
          className="font-mono"
          value={form.schema}
          spellCheck={false}
          placeholder={'{ "type": "object", "required": ["id"] }'}
          onChange={(event) => change({ schema: event.target.value })}
        />
      </Field>
    );
  }
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="Tolerance" optional hint="In the unit of the number." error={errorAt('absolute_tolerance')}>
        {text('absolute_tolerance')}
      </Field>
      <Field
        label="Relative tolerance"
        optional
        hint="Of the reference: 0.05 is 5 %. The larger of both counts."
        error={errorAt('relative_tolerance')}
      >
        {text('relative_tolerance')}
      </Field>
    </div>
  );
}
