'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import {
  type AnnotationCreate,
  type Dataset,
  DEFAULT_ANNOTATOR,
  DEFAULT_INPUT_COLUMN,
  DEFAULT_REFERENCE_COLUMN,
  type Task,
  type TaskName,
  taskPreset,
} from '@touchstone/schemas';
import { PenLine } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Dialog } from '@/components/dialog.tsx';
import { Field } from '@/components/field.tsx';
import { Input, Textarea } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { Select } from '@/components/select.tsx';
import { formatCount, formatCounted } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';
import { TASK_LABELS } from '../../experiments/task-words.ts';

const HERE = '';
const TASKS = Object.entries(TASK_LABELS).map(([value, label]) => ({ value, label }));

/** Fills blank references with a model's answers, in a new dataset. */
export function GenerateReferences({ dataset }: { dataset: Dataset }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<PenLine aria-hidden />} onClick={() => setOpen(true)}>
        Generate references
      </Button>
      {open && <GenerateDialog dataset={dataset} onClose={() => setOpen(false)} />}
    </>
  );
}

function GenerateDialog({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const names = dataset.columns.map(({ name }) => name);
  const [input_column, setInput] = useState(names.includes(DEFAULT_INPUT_COLUMN) ? DEFAULT_INPUT_COLUMN : names[0]!);
  const [reference_column, setReference] = useState(DEFAULT_REFERENCE_COLUMN);
  const [task, setTask] = useState<TaskName>('summarization');
  const [languages, setLanguages] = useState({ source: 'en', target: 'de' });
  const [endpoint, setEndpoint] = useState(HERE);
  const [model, setModel] = useState<string>(DEFAULT_ANNOTATOR);
  const [typed, setPrompt] = useState<string | null>(null);
  const endpoints = useQuery(trpc.endpoints.list.queryOptions());
  const asked: Task = task === 'translation' ? { translation: languages } : task;
  const prompt = typed ?? taskPreset(asked, input_column).prompt;
  // The same request is sent once, however often the button is pressed.
  const sent = useRef<{ request_id: string; body: string } | null>(null);
  const create = useMutation(
    trpc.jobs.create_annotation.mutationOptions({ onSuccess: ({ id }) => router.push(`/jobs/${id}`) }),
  );
  const submit = () => {
    const body: Omit<AnnotationCreate, 'request_id'> = {
      dataset_id: dataset.id,
      input_column,
      reference_column,
      task: asked,
      model: endpoint === HERE ? { model } : { model, endpoint },
      ...(typed !== null && { prompt: typed }),
    };
    const text = JSON.stringify(body);
    if (sent.current?.body !== text) sent.current = { request_id: crypto.randomUUID(), body: text };
    create.mutate({ request_id: sent.current.request_id, ...body });
  };
  const blank = dataset.columns.find(({ name }) => name === reference_column)?.blank ?? dataset.row_count;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Generate references"
      description="A model writes what is blank, in a new dataset. This one stays as it is, and what a person wrote is kept."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={blank === 0} loading={create.isPending} onClick={submit}>
            Generate
          </Button>
        </>
      }
    >
      <div className="space-y-3">
        <Field label="Input column">
          <Select
            value={input_column}
            onChange={setInput}
            options={names.map((name) => ({ value: name, label: name }))}
          />
        </Field>
        <Field
          label="Reference column"
          hint={
            names.includes(reference_column)
              ? blank === 0
                ? 'Every row has one: there is nothing to write. A new name makes a column of its own.'
                : `${formatCounted(blank, 'row')} of ${formatCount(dataset.row_count)} without one.`
              : `A new column: ${formatCounted(blank, 'row')} without one.`
          }
        >
          <Input value={reference_column} onChange={(event) => setReference(event.target.value)} />
        </Field>
        <Field label="Task">
          <Select value={task} onChange={(value) => setTask(value as TaskName)} options={TASKS} />
        </Field>
        {task === 'translation' && (
          <div className="grid grid-cols-2 gap-3">
            <Field label="From">
              <Input
                value={languages.source}
                onChange={(event) => setLanguages({ ...languages, source: event.target.value })}
              />
            </Field>
            <Field label="To">
              <Input
                value={languages.target}
                onChange={(event) => setLanguages({ ...languages, target: event.target.value })}
              />
            </Field>
          </div>
        )}
        <Field label="Where the model runs">
          <Select
            value={endpoint}
            onChange={setEndpoint}
            options={[
              { value: HERE, label: 'Here (hf/…, local/…, baseline/…)' },
              ...(endpoints.data ?? []).map(({ name }) => ({ value: name, label: name })),
            ]}
          />
        </Field>
        <Field label="Model">
          <Input value={model} onChange={(event) => setModel(event.target.value)} />
        </Field>
        <Field label="Prompt" hint="Models such as BART get the text itself, unless you change it.">
          <Textarea value={prompt} onChange={(event) => setPrompt(event.target.value)} />
        </Field>
        {create.isError && (
          // The fields may fill the dialog.
          <div ref={(notice) => notice?.scrollIntoView({ block: 'nearest' })}>
            <Notice tone="danger">{errorMessage(create.error)}</Notice>
          </div>
        )}
      </div>
    </Dialog>
  );
}
