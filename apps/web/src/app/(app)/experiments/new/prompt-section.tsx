'use client';

import { promptColumns, type TaskName, taskName, taskPreset } from '@touchstone/schemas';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Field } from '@/components/field.tsx';
import { Input } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { RadioGroup } from '@/components/radio-group.tsx';
import { TASK_LABELS } from '../task-words.ts';
import type { Resolved } from './form.ts';
import { PromptPreview } from './prompt-preview.tsx';
import { FormSection, type SectionProps } from './section.tsx';
import { TemplateEditor } from './template-editor.tsx';

const TASK_DESCRIPTIONS: Record<TaskName, string> = {
  summarization: 'Shorten a text to its main points.',
  translation: 'From one language into another.',
  'text-generation': 'Anything else: the input is the prompt.',
};

export function PromptSection({ form, change, resolved, dataset, errorAt }: SectionProps) {
  const preset = taskPreset(resolved.task, resolved.input_column ?? 'examples').prompt;
  const [hasSystemPrompt, setHasSystemPrompt] = useState(form.system_prompt !== '');
  return (
    <FormSection
      id="prompt"
      title="Prompt"
      description="Goes to every endpoint model, once per row. Baselines work on the input column itself."
    >
      <RadioGroup
        legend="Task"
        inline
        value={taskName(resolved.task)}
        options={(Object.keys(TASK_LABELS) as TaskName[]).map((value) => ({
          value,
          label: TASK_LABELS[value],
          description: TASK_DESCRIPTIONS[value],
        }))}
        onChange={(task) => change({ task })}
      />
      {form.task === 'translation' && (
        <div className="grid max-w-md grid-cols-2 gap-4">
          <Field label="From" hint="A code or a name: en, Swiss German." error={errorAt('task')}>
            <Input
              name="task"
              value={form.source_language}
              onChange={(event) => change({ source_language: event.target.value })}
            />
          </Field>
          <Field label="To">
            <Input
              name="task"
              value={form.target_language}
              onChange={(event) => change({ target_language: event.target.value })}
            />
          </Field>
        </div>
      )}
      <TemplateEditor
        label="Prompt template"
        name="prompt"
        value={resolved.prompt}
        onChange={(prompt) => change({ prompt })}
        dataset={dataset}
        error={errorAt('prompt')}
        action={
          form.prompt !== null &&
          form.prompt !== preset && (
            <Button
              variant="ghost"
              className="h-7 px-2"
              icon={<RotateCcw aria-hidden />}
              onClick={() => change({ prompt: null })}
            >
              Use the task's own
            </Button>
          )
        }
      />
      {dataset && <TemplateWarnings template={resolved.prompt + form.system_prompt} resolved={resolved} />}
      {hasSystemPrompt ? (
        <TemplateEditor
          label="System prompt (optional)"
          name="system_prompt"
          value={form.system_prompt}
          onChange={(system_prompt) => change({ system_prompt })}
          dataset={dataset}
          error={errorAt('system_prompt')}
        />
      ) : (
        <Button variant="ghost" className="-ml-3" onClick={() => setHasSystemPrompt(true)}>
          Add a system prompt
        </Button>
      )}
      {dataset && (
        <PromptPreview
          key={dataset.id}
          dataset={dataset}
          prompt={resolved.prompt}
          systemPrompt={form.system_prompt}
          referenceColumn={resolved.reference_column}
        />
      )}
    </FormSection>
  );
}

/** What is allowed and hardly ever meant: a prompt without the input, or with the reference in it. */
function TemplateWarnings({ template, resolved }: { template: string; resolved: Resolved }) {
  const { input_column, reference_column } = resolved;
  const columns = promptColumns(template);
  return (
    <>
      {input_column !== null && template.trim() !== '' && !columns.includes(input_column) && (
        <Notice tone="warn">
          The prompt does not contain the input column, <ColumnName name={input_column} />: models would not see the
          input.
        </Notice>
      )}
      {reference_column !== null && columns.includes(reference_column) && (
        <Notice tone="warn">
          The prompt contains the reference column, <ColumnName name={reference_column} />: models would see what their
          answers are compared with.
        </Notice>
      )}
    </>
  );
}

function ColumnName({ name }: { name: string }) {
  return <code className="font-mono text-sm">{`{{${name}}}`}</code>;
}
