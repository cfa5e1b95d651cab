/** A check as it is typed, what follows from it, and what is wrong with it. */
import {
  CHECK_TYPES,
  type CheckType,
  explainIssue,
  explainName,
  isCheck,
  METRICS,
  MetricRequest,
  type MetricSettings,
  resolveMetrics,
} from '@touchstone/schemas';

/** Every setting as a text, empty where it is left out. */
export type CheckForm = {
  type: CheckType;
  /** Null: the name follows the settings. */
  name: string | null;
  text: string;
  /** One a line. */
  texts: string;
  pattern: string;
  /** JSON. */
  schema: string;
  absolute_tolerance: string;
  relative_tolerance: string;
  ignore_case: boolean;
};

export const EMPTY_CHECK: CheckForm = {
  type: 'contains',
  name: null,
  text: '',
  texts: '',
  pattern: '',
  schema: '',
  absolute_tolerance: '',
  relative_tolerance: '',
  ignore_case: false,
};

export const CHECK_OPTIONS = CHECK_TYPES.map((type) => ({ value: type, label: METRICS[type].label }));

/** The form that would make this check again. */
export function checkFormOf(check: MetricSettings): CheckForm {
  if (!isCheck(check)) return EMPTY_CHECK;
  const { type, name, ...settings } = check;
  const given = settings as Record<string, unknown>;
  const texts = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key,
      key === 'texts'
        ? (value as string[]).join('\n')
        : key === 'schema'
          ? JSON.stringify(value, null, 2)
          : typeof value === 'number'
            ? value === 0
              ? ''
              : String(value)
            : value,
    ]),
  );
  return { ...EMPTY_CHECK, ...texts, type, name };
}

const lines = (texts: string) => texts.split('\n').filter((line) => line !== '');

/** The settings that the type has, out of all that was typed. */
function settingsOf(form: CheckForm, errors: Record<string, string>): Record<string, unknown> {
  const number = (field: 'absolute_tolerance' | 'relative_tolerance') => {
    const text = form[field].trim();
    if (text === '') return undefined;
    const value = Number(text);
    if (!Number.isFinite(value)) errors[field] = 'A number, such as 0.5 or 20.';
    return value;
  };
  const schema = () => {
    try {
      return JSON.parse(form.schema);
    } catch (error) {
      errors.schema = form.schema.trim() === '' ? 'Give a schema.' : `Not JSON: ${(error as Error).message}`;
      return {};
    }
  };
  const { type, text, texts, pattern, ignore_case } = form;
  switch (type) {
    case 'contains':
    case 'starts_with':
      return { text, ignore_case };
    case 'contains_any':
    case 'contains_all':
      return { texts: lines(texts), ignore_case };
    case 'regex':
      return { pattern, ignore_case };
    case 'json_schema':
      return { schema: schema() };
    case 'number_match':
      return {
        absolute_tolerance: number('absolute_tolerance'),
        relative_tolerance: number('relative_tolerance'),
      };
  }
}

/** `contains_refund` for what looks for "refund", unique among the others. */
export function suggestName(form: CheckForm, others: readonly { name: string }[]): string {
  const said = { contains: form.text, starts_with: form.text, contains_any: lines(form.texts)[0] ?? '' }[
    form.type as string
  ];
  const words = (said ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 30);
  const base = words === '' ? form.type : `${form.type}_${words}`;
  let name = base;
  for (let n = 2; explainName({ name, type: form.type }, others) !== null; n++) name = `${base}_${n}`;
  return name;
}

/** The check, or by field what is wrong with it. `others`: the other metrics. */
export function readCheck(
  form: CheckForm,
  others: readonly { name: string }[],
): { check: MetricSettings | null; errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  const name = (form.name ?? suggestName(form, others)).trim();
  const parsed = MetricRequest.safeParse({ type: form.type, name, ...settingsOf(form, errors) });
  for (const issue of parsed.error?.issues ?? []) {
    const [field, ...path] = issue.path;
    errors[String(field)] ??= explainIssue({ path, message: issue.message });
  }
  const problem = explainName({ name, type: form.type }, others);
  if (problem !== null) errors.name ??= problem;
  const [check] = Object.keys(errors).length === 0 && parsed.data ? resolveMetrics([parsed.data]) : [];
  return { check: check ?? null, errors };
}
