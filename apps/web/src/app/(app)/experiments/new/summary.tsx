import { describeMetric, type ModelRef, workflowNames } from '@touchstone/schemas';
import { Play } from 'lucide-react';
import { Button } from '@/components/button.tsx';
import { formatCount, formatCounted } from '@/lib/format.ts';
import { ModelName } from '../model-name.tsx';
import { type Check, sectionOf } from './check.ts';
import { Estimate } from './estimate.tsx';
import { availableRows, type ExperimentForm, type Resolved, runsHere } from './form.ts';
import type { SectionProps } from './section.tsx';

const SECTION_TITLES = { data: 'Data', prompt: 'Prompt', models: 'Models', metrics: 'Metrics', rows: 'Rows and name' };

type SummaryProps = {
  form: ExperimentForm;
  resolved: Resolved;
  dataset: SectionProps['dataset'];
  models: readonly ModelRef[];
  check: Check;
  isPending: boolean;
  /** What the server said. */
  error: string | null;
};

/** What will run, and what is missing for it; fills as one types. */
export function Summary({ form, resolved, dataset, models, check, isPending, error }: SummaryProps) {
  const asked = form.endpoints.length;
  const calls = form.endpoints.filter((endpoint) => !runsHere(endpoint)).length;
  const rows = plannedRows(form, resolved, dataset);
  const repeats = Math.max(1, Math.floor(Number(form.repeats)) || 1);
  return (
    <aside aria-label="Summary" className="lg:sticky lg:top-[calc(var(--top-bar)+16px)] lg:self-start">
      <div className="space-y-4 rounded-md border bg-subtle p-4">
        <h2 className="font-semibold">Summary</h2>
        <dl className="space-y-3 text-sm">
          <Fact term="Data">
            {dataset ? (
              <>
                {dataset.name}
                <span className="block text-faint">
                  {resolved.input_column}
                  {resolved.reference_column ? ` → ${resolved.reference_column}` : ', no reference'}
                </span>
              </>
            ) : (
              <Missing />
            )}
          </Fact>
          <Fact term={formatCounted(models.length, 'model')}>
            {models.length === 0 ? (
              <Missing />
            ) : (
              workflowNames(models).map((name, position) => (
                <ModelName
                  // biome-ignore lint/suspicious/noArrayIndexKey: in the order of the models; names may still be the same
                  key={position}
                  position={position}
                  name={name || `Endpoint model ${position - form.baselines.length + 1}`}
                />
              ))
            )}
          </Fact>
          <Fact term="Scored by">
            {resolved.metrics.length + form.judges.length === 0 ? (
              <Missing />
            ) : (
              [
                ...resolved.metrics.map((metric) => describeMetric(metric).label),
                ...form.judges.map(({ name }, index) => `${name.trim() || `judge ${index + 1}`} (a judge)`),
              ].join(', ')
            )}
            {resolved.primary_metric && (
              <span className="block text-faint">
                main:{' '}
                {resolved.metrics.map(describeMetric).find(({ name }) => name === resolved.primary_metric)?.label ??
                  resolved.primary_metric}
              </span>
            )}
          </Fact>
          <Fact term="Answers">
            {rows ? (
              <>
                {rows.text} × {formatCounted(models.length, 'model')}
                {repeats > 1 && asked > 0 && `, ${repeats} of each model but baselines to a row`}
                {rows.count !== null && ` = ${formatCount(rows.count * (form.baselines.length + asked * repeats))}`}
                <span className="block text-faint">
                  {calls === 0
                    ? 'no call to an endpoint'
                    : rows.count === null
                      ? `calls to ${formatCounted(calls, 'endpoint model')}`
                      : `${formatCount(rows.count * calls * repeats)} of them calls to endpoints`}
                </span>
              </>
            ) : (
              <Missing />
            )}
          </Fact>
          <Fact term="Estimate">
            <Estimate request={dataset ? check.request : null} />
          </Fact>
        </dl>
        <MissingParts errors={check.errors} baselines={form.baselines.length} />
        <Button type="submit" variant="primary" className="w-full" icon={<Play aria-hidden />} loading={isPending}>
          Run experiment
        </Button>
        {error && (
          <p role="alert" className="text-sm break-words whitespace-pre-line text-danger">
            {error}
          </p>
        )}
      </div>
    </aside>
  );
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-faint">{term}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}

function Missing() {
  return <span className="text-faint">–</span>;
}

function plannedRows(form: ExperimentForm, resolved: Resolved, dataset: SummaryProps['dataset']) {
  if (!dataset) return null;
  const { least, most } = availableRows(dataset, resolved, form.judges);
  const asked = Number(form.rows);
  if (form.rows.trim() !== '' && Number.isInteger(asked) && asked > 0 && asked <= least) {
    return { text: formatCounted(asked, 'row'), count: asked };
  }
  return least === most
    ? { text: formatCounted(most, 'row'), count: most }
    : { text: `${formatCount(least)} to ${formatCount(most)} rows`, count: null };
}

function MissingParts({ errors, baselines }: { errors: Check['errors']; baselines: number }) {
  const order = Object.keys(SECTION_TITLES);
  const entries = Object.entries(errors).sort(([a], [b]) => order.indexOf(sectionOf(a)) - order.indexOf(sectionOf(b)));
  if (entries.length === 0) return null;
  return (
    <div className="text-sm">
      <h3 className="font-medium">Still missing</h3>
      <ul>
        {entries.map(([path, message]) => (
          <li key={path}>
            <a href={`#${sectionOf(path)}`} className="link">
              {describePath(path, baselines)}
            </a>
            : <span className="text-muted">{message}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** `Endpoint model 1, base url` for `models.3.base_url`. */
function describePath(path: string, baselines: number): string {
  const [field, index, ...rest] = path.split('.');
  if (field !== 'models' || index === undefined) return SECTION_TITLES[sectionOf(path)];
  const number = Number(index) - baselines + 1;
  const which = number > 0 ? `Endpoint model ${number}` : 'Baselines';
  return rest.length > 0 ? `${which}, ${rest.at(-1)!.replaceAll('_', ' ')}` : which;
}
