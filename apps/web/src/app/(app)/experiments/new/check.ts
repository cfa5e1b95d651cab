/** Whether the form can be run, and what is wrong with which field. */
import {
  type Dataset,
  ExperimentCreate,
  findNearest,
  isBaseline,
  type MetricRef,
  MetricRequest,
  type ModelRef,
  promptColumns,
} from '@touchstone/schemas';
import { availableRows, type ExperimentForm, judgePath, type Resolved, toRequest } from './form.ts';

export type Check = {
  /** What is sent, when it can be; the `request_id` comes with it. */
  request: Omit<ExperimentCreate, 'request_id'> | null;
  /** By path in the request: `models.3.base_url`. */
  errors: Record<string, string>;
};

/** A schema wants a request_id, which is not the form's to choose. */
const ANY_ID = '00000000-0000-4000-8000-000000000000';

type Issue = {
  code?: string;
  path: PropertyKey[];
  message: string;
  origin?: unknown;
  minimum?: unknown;
  maximum?: unknown;
  inclusive?: unknown;
  expected?: unknown;
};

/** zod's words for numbers and empty texts in ours; messages written in the schemas stay. */
function wordIssue(issue: Issue): string {
  const isNumber = issue.origin === 'number' || issue.origin === 'int';
  if (issue.code === 'too_small' && isNumber) {
    return `${issue.inclusive === false ? 'More than' : 'At least'} ${String(issue.minimum)}.`;
  }
  if (issue.code === 'too_big' && isNumber) return `At most ${String(issue.maximum)}.`;
  if (issue.code === 'invalid_type' && issue.expected === 'int') return 'A whole number.';
  if (issue.code === 'invalid_type' && issue.expected === 'number') return 'A number.';
  if (issue.code === 'too_small' && issue.origin === 'string' && issue.message.startsWith('Too small')) {
    return issue.minimum === 1 ? 'Fill this in.' : `At least ${String(issue.minimum)} characters.`;
  }
  return issue.message;
}

/** Columns that a template names and the dataset lacks, each with the nearest that it has. */
export function unknownColumns(
  template: string,
  columns: readonly string[],
): { name: string; nearest: string | null }[] {
  return promptColumns(template)
    .filter((name) => !columns.includes(name))
    .map((name) => ({ name, nearest: findNearest(name, columns) }));
}

function wordUnknown({ name, nearest }: { name: string; nearest: string | null }): string {
  return `The dataset has no column "${name}"${nearest ? `: did you mean "${nearest}"?` : '.'}`;
}

/** `taken`: names of models that are in the experiment already. */
export function checkForm(
  form: ExperimentForm,
  resolved: Resolved,
  dataset: Dataset | undefined,
  taken: readonly string[] = [],
): Check {
  const { request, errors } = toRequest(form, resolved);
  const parsed = ExperimentCreate.safeParse({ ...request, request_id: ANY_ID });
  if (!parsed.success) {
    for (const issue of parsed.error.issues as Issue[]) {
      const path = issue.path.map(String).join('.');
      errors[path] ??= wordIssue(issue);
    }
  }
  checkJudges(request.metrics.slice(request.metrics.length - form.judges.length), resolved, errors);
  if (form.dataset_id === null) {
    errors.dataset_id = 'Choose a dataset.';
    // It brings the name and the columns.
    if (form.name === null) delete errors.name;
  }
  if (dataset) checkAgainstDataset(form, resolved, dataset, request.models, errors);
  checkNames(request.models, taken, errors);
  return { request: Object.keys(errors).length === 0 ? request : null, errors };
}

function checkAgainstDataset(
  form: ExperimentForm,
  resolved: Resolved,
  dataset: Dataset,
  models: readonly ModelRef[],
  errors: Record<string, string>,
): void {
  const columns = dataset.columns.map(({ name }) => name);
  const checkTemplate = (path: string, template: string | undefined) => {
    const [unknown] = unknownColumns(template ?? '', columns);
    if (unknown) errors[path] ??= wordUnknown(unknown);
  };
  checkTemplate('prompt', resolved.prompt);
  checkTemplate('system_prompt', form.system_prompt);
  for (const [index, model] of models.entries()) {
    if (typeof model === 'string' || isBaseline(model.model)) continue;
    checkTemplate(`models.${index}.prompt`, model.prompt);
    checkTemplate(`models.${index}.system_prompt`, model.system_prompt);
  }
  const { most } = availableRows(dataset, resolved, form.judges);
  const rows = Number(form.rows);
  if (form.rows.trim() !== '' && rows > most)
    errors.rows ??= `The dataset has ${most.toLocaleString('en')} rows to draw from.`;
  if (most === 0) errors.rows ??= 'No row has both an input and what the metrics need.';
}

/** What is wrong with which field of a judge: among all metrics it is told in one line. */
function checkJudges(judges: readonly MetricRef[], resolved: Resolved, errors: Record<string, string>): void {
  for (const [index, judge] of judges.entries()) {
    const path = judgePath(resolved, index);
    const parsed = MetricRequest.safeParse(judge);
    if (parsed.success) continue;
    delete errors[path];
    for (const issue of parsed.error.issues as Issue[]) {
      errors[[path, ...issue.path.map(String)].join('.')] ??= wordIssue(issue);
    }
  }
}

/** A name given twice: which of two rows a result belongs to must be clear. */
function checkNames(models: readonly ModelRef[], taken: readonly string[], errors: Record<string, string>): void {
  const seen = new Set(taken);
  for (const [index, model] of models.entries()) {
    const name = typeof model === 'string' ? undefined : model.name?.trim();
    if (!name) continue;
    if (seen.has(name)) errors[`models.${index}.name`] ??= `Another model is named "${name}" too.`;
    seen.add(name);
  }
}

/** The section of the page that a field belongs to. */
export function sectionOf(path: string): 'data' | 'prompt' | 'models' | 'metrics' | 'rows' {
  const [field] = path.split('.');
  if (field === 'dataset_id' || field === 'input_column' || field === 'reference_column') return 'data';
  if (field === 'prompt' || field === 'system_prompt' || field === 'task') return 'prompt';
  if (field === 'models') return 'models';
  if (field === 'metrics' || field === 'primary_metric') return 'metrics';
  return 'rows';
}
