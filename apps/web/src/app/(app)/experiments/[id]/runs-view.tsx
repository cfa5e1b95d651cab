import type { Experiment, JobSummary, ModelSettings, Workflow } from '@touchstone/schemas';
import { languageName } from '@touchstone/schemas';
import { ExternalLink } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { DefinitionList } from '@/components/definition-list.tsx';
import { Duration, RelativeTime } from '@/components/number.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatCount, formatDuration, formatTime, NONE } from '@/lib/format.ts';
import { KIND_LABELS } from '../../jobs/kinds.ts';
import { ModelName } from '../model-name.tsx';
import { TASK_LABELS } from '../task-words.ts';
import { primaryMetric } from './findings.ts';

/** The work behind the numbers: every job, and the settings that were frozen with the experiment. */
export function RunsView({ experiment }: { experiment: Experiment }) {
  const { workflows, comparison } = experiment;
  const hasNotes = [...workflows.flatMap(({ jobs }) => jobs), ...(comparison ? [comparison] : [])].some(
    ({ reason }) => reason !== null,
  );
  return (
    <div className="space-y-8">
      <section aria-labelledby="jobs">
        <div className="flex items-baseline justify-between gap-4 pb-1">
          <h2 id="jobs" className="font-semibold">
            Jobs
          </h2>
          {experiment.mlflow_url && (
            <a href={experiment.mlflow_url} className="link inline-flex items-center gap-1 text-sm">
              Open in MLflow <ExternalLink aria-hidden className="size-3.5" />
            </a>
          )}
        </div>
        <Table label="Jobs" className="max-lg:min-w-[720px]">
          <THead>
            <tr>
              <Th>Workflow</Th>
              <Th>Job</Th>
              <Th>State</Th>
              <Th numeric>Attempts</Th>
              <Th numeric>Started</Th>
              <Th numeric>Took</Th>
              {hasNotes && <Th>Note</Th>}
            </tr>
          </THead>
          <TBody>
            {workflows.flatMap((workflow) =>
              workflow.jobs.map((job) => <JobRow key={job.id} workflow={workflow} job={job} hasNotes={hasNotes} />),
            )}
            {comparison && <JobRow workflow={null} job={comparison} hasNotes={hasNotes} />}
          </TBody>
        </Table>
      </section>
      <Settings experiment={experiment} />
      <ModelTable workflows={experiment.workflows} />
    </div>
  );
}

/** `workflow` is null of what is of the experiment as a whole. */
type JobRowProps = { workflow: Workflow | null; job: JobSummary; hasNotes: boolean };

function JobRow({ workflow, job, hasNotes }: JobRowProps) {
  const { id, kind, status, attempt, reason, started_at, finished_at, seconds } = job;
  return (
    <Tr>
      <Td className="max-w-56">
        {workflow ? <ModelName position={workflow.position} name={workflow.name} /> : 'All models'}
      </Td>
      <Td>
        <Link href={`/jobs/${id}`} className="link">
          {KIND_LABELS[kind]}
        </Link>
      </Td>
      <Td>
        <StateBadge state={status} />
      </Td>
      <Td numeric>{formatCount(attempt)}</Td>
      <Td numeric title={formatTime(started_at)}>
        {started_at ? <RelativeTime value={started_at} /> : NONE}
      </Td>
      <Td numeric>{finished_at ? <Duration seconds={seconds} /> : NONE}</Td>
      {hasNotes && <Td className="max-w-96 break-words text-muted">{reason}</Td>}
    </Tr>
  );
}

function Settings({ experiment }: { experiment: Experiment }) {
  const { task, input_column, reference_column, metrics, sample, seed, repeats, time_limit_s, dataset } = experiment;
  const taskText =
    typeof task === 'string'
      ? TASK_LABELS[task]
      : `${TASK_LABELS.translation}: ${languageName(task.translation.source)} to ${languageName(task.translation.target)}`;
  return (
    <section aria-labelledby="settings" className="space-y-4">
      <h2 id="settings" className="font-semibold">
        Settings
      </h2>
      <DefinitionList
        items={[
          { term: 'Task', value: taskText },
          {
            term: 'Dataset',
            value: (
              <Link href={`/datasets/${dataset.id}`} className="link">
                {dataset.name} v{dataset.version}
              </Link>
            ),
          },
          { term: 'Input column', value: input_column },
          { term: 'Reference column', value: reference_column ?? 'none' },
          { term: 'Metrics', value: metrics.map(({ label }) => label).join(', ') },
          { term: 'Main metric', value: primaryMetric(experiment).label },
          { term: 'Rows', value: `${formatCount(sample.rows)} of ${formatCount(sample.available)} available` },
          { term: 'Seed', value: String(seed) },
          ...(repeats > 1 ? [{ term: 'Answers per row', value: String(repeats) }] : []),
          ...(time_limit_s === null ? [] : [{ term: 'Time limit of a job', value: formatDuration(time_limit_s) }]),
          {
            term: 'Hash of the sample',
            value: <code className="font-mono text-sm">{sample.sha256.slice(0, 16)}</code>,
          },
        ]}
      />
      <div className="grid gap-4 lg:grid-cols-2">
        <PromptText title="Prompt" text={experiment.prompt} />
        {experiment.system_prompt !== null && <PromptText title="System prompt" text={experiment.system_prompt} />}
      </div>
    </section>
  );
}

function PromptText({ title, text }: { title: ReactNode; text: string }) {
  return (
    <div className="min-w-0">
      <h3 className="pb-1 text-sm text-faint">{title}</h3>
      <pre className="max-h-72 overflow-y-auto rounded-md bg-subtle px-3 py-2 font-mono text-sm break-words whitespace-pre-wrap">
        {text}
      </pre>
    </div>
  );
}

/** `temperature 0 · max_tokens 128 · stop "###"` */
function describeSettings({ params, stop, extra_body, timeout, stream }: ModelSettings): string {
  return [
    ...Object.entries(params ?? {}).map(([name, value]) => `${name} ${value}`),
    timeout !== undefined && `timeout ${timeout} s`,
    stream && 'streamed',
    stop && stop.length > 0 && `stop ${stop.map((text) => JSON.stringify(text)).join(' ')}`,
    extra_body && Object.keys(extra_body).length > 0 && JSON.stringify(extra_body),
  ]
    .filter(Boolean)
    .join(' · ');
}

function ModelTable({ workflows }: { workflows: readonly Workflow[] }) {
  return (
    <section aria-labelledby="models">
      <h2 id="models" className="pb-1 font-semibold">
        Models
      </h2>
      <Table label="Models and their settings" className="max-lg:min-w-[720px]">
        <THead>
          <tr>
            <Th>Name</Th>
            <Th>Model</Th>
            <Th>Endpoint</Th>
            <Th numeric>Calls at once</Th>
            <Th>Parameters</Th>
          </tr>
        </THead>
        <TBody>
          {workflows.map(({ id, name, position, model, concurrency }) => (
            <Tr key={id}>
              <Td className="max-w-56">
                <ModelName position={position} name={name} />
              </Td>
              <Td className="max-w-72 break-words">{model.model}</Td>
              <Td className="max-w-72 break-words text-muted">
                {model.base_url ?? 'none: runs on the cluster'}
                {model.secret && `, key ${model.secret}`}
              </Td>
              <Td numeric>{formatCount(model.concurrency ?? concurrency)}</Td>
              <Td className="max-w-96 break-words text-muted">
                {describeSettings(model) || NONE}
                {model.prompt !== undefined && <PromptText title="Own prompt" text={model.prompt} />}
                {model.system_prompt !== undefined && (
                  <PromptText title="Own system prompt" text={model.system_prompt} />
                )}
              </Td>
            </Tr>
          ))}
        </TBody>
      </Table>
    </section>
  );
}
