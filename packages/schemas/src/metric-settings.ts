/** A metric of an experiment: its type, its name there, and its settings. What is known of each type is in metric.ts. */
import { z } from 'zod';
import { explainIssue, explainUnknown, Json, object } from './common.ts';
import { fillPreset, JUDGE_REQUEST, JUDGE_SETTINGS, judgeInfo } from './judge.ts';
import { METRIC_GROUPS, METRIC_TYPES, METRICS, MetricInfo, MetricName, type MetricType } from './metric.ts';

/** Of one experiment: each is a column of its rows. */
const MAX_METRICS = 100;

const Text = z.string().min(1, 'Say which text.').max(2000, 'At most 2,000 characters.');
const Texts = z.array(Text).min(1, 'Name at least one text.').max(100, 'At most 100 texts.');
const IgnoreCase = z.boolean().default(false);

/** Draft 2020-12. */
const JsonSchema = z
  .record(z.string(), Json)
  .refine((schema) => JSON.stringify(schema).length <= 50_000, 'At most 50,000 characters.');
/** The larger of both counts; relative to the reference, as 0.05 for 5 %. */
const Tolerance = z.number().min(0, 'At least 0.').default(0);

/** The settings of each type that has some. */
const SETTINGS = {
  contains: { text: Text, ignore_case: IgnoreCase },
  starts_with: { text: Text, ignore_case: IgnoreCase },
  contains_any: { texts: Texts, ignore_case: IgnoreCase },
  contains_all: { texts: Texts, ignore_case: IgnoreCase },
  regex: {
    /** RE2's syntax. */
    pattern: z.string().min(1, 'Say which pattern.').max(2000, 'At most 2,000 characters.'),
    ignore_case: IgnoreCase,
  },
  json_schema: { schema: JsonSchema },
  number_match: { absolute_tolerance: Tolerance, relative_tolerance: Tolerance },
};
/** A type with settings: a check that a person makes, and may make several times. */
export type CheckType = keyof typeof SETTINGS;
export const CHECK_TYPES = METRIC_TYPES.filter((type): type is CheckType => type in SETTINGS);
export type PlainType = Exclude<MetricType, CheckType | 'judge'>;
export const PLAIN_TYPES = METRIC_TYPES.filter((type): type is PlainType => !hasSettings(type));

/** A type without has its name from its type. */
function hasSettings(type: string): boolean {
  return type in SETTINGS || type === 'judge';
}

export function isCheck<T extends { type: string }>(metric: T): metric is Extract<T, { type: CheckType }> {
  return metric.type in SETTINGS;
}

/** A shape per kind of settings; those without are `plain`, those of a judge `judge`, and each has the fields of `base`. */
const variants = <P extends z.ZodType<string>, B extends z.ZodRawShape, J extends z.ZodRawShape>(
  plain: P,
  base: B,
  judge: J,
) =>
  z.discriminatedUnion(
    'type',
    [
      object({ type: plain, ...base }),
      object({ type: z.literal('contains'), ...base, ...SETTINGS.contains }),
      object({ type: z.literal('starts_with'), ...base, ...SETTINGS.starts_with }),
      object({ type: z.literal('contains_any'), ...base, ...SETTINGS.contains_any }),
      object({ type: z.literal('contains_all'), ...base, ...SETTINGS.contains_all }),
      object({ type: z.literal('regex'), ...base, ...SETTINGS.regex }),
      object({ type: z.literal('json_schema'), ...base, ...SETTINGS.json_schema }),
      object({ type: z.literal('number_match'), ...base, ...SETTINGS.number_match }),
      object({ type: z.literal('judge'), ...base, ...judge }),
    ],
    {
      error: ({ input }) => {
        const { type } = (input ?? {}) as { type?: unknown };
        return typeof type === 'string' ? explainUnknown(type, KNOWN) : undefined;
      },
    },
  );

const Plain = z.enum(PLAIN_TYPES);
/** Its settings may all be left out. */
const Bare = z.enum([...PLAIN_TYPES, 'number_match']);
/** With its name: unique in an experiment; that of a metric without settings is its type. */
export const MetricSettings = variants(Plain, { name: MetricName }, JUDGE_SETTINGS);
export type MetricSettings = z.infer<typeof MetricSettings>;

export type JudgeSettings = Extract<MetricSettings, { type: 'judge' }>;
export function isJudge<T extends { type: string }>(metric: T): metric is Extract<T, { type: 'judge' }> {
  return metric.type === 'judge';
}

/** With all that is known of it. */
export const Metric = variants(Plain, { name: MetricName, ...MetricInfo.shape }, JUDGE_SETTINGS);
export type Metric = z.infer<typeof Metric>;

const MetricGroup = z.enum(
  Object.keys(METRIC_GROUPS) as [keyof typeof METRIC_GROUPS, ...(keyof typeof METRIC_GROUPS)[]],
);
const KNOWN = [...new Set([...MetricGroup.options, ...METRIC_TYPES])];

/** A metric that is asked for with its settings; its name is its type where it is left out. */
export const MetricRequest = variants(Plain, { name: MetricName.optional() }, JUDGE_REQUEST);
export type MetricRequest = z.input<typeof MetricRequest>;

/** As a person writes it: a type that needs no settings, a group of types, or the settings. */
export const MetricRef = z.union([MetricGroup, Bare, MetricRequest], {
  error: ({ input, errors }) => {
    if (typeof input !== 'string') return errors.at(-1)?.map(explainIssue).join(' ');
    return input in SETTINGS ? `${input} has settings: write { type: ${input}, … }.` : explainUnknown(input, KNOWN);
  },
});
export type MetricRef = z.input<typeof MetricRef>;

/** A judge by a preset with what that says. */
const asRequest = (ref: MetricRef) =>
  typeof ref === 'string' ? { type: ref } : 'preset' in ref ? fillPreset(ref) : ref;

/** Names that a column beside the metrics has, in the rows, an export or MLflow; in lower case. */
const TAKEN = new Set([
  ...['row_id', 'repeat', 'position', 'place', 'file_row_number', 'workflow', 'model', 'input', 'reference'],
  ...['prediction', 'error', 'error_code', 'error_message', 'reasoning', 'finish_reason', 'truncated'],
  ...['latency_ms', 'first_token_ms', 'prompt_tokens', 'completion_tokens', 'reasoning_tokens', 'cost', 'calls'],
  ...['rows_answered', 'rows_failed', 'rows_not_run'],
]);
const TYPES = new Set(KNOWN.map((name) => name.toLowerCase()));

/** Why a metric cannot have this name among these; null where it can. Upper and lower case are one: DuckDB's columns are. */
export function explainName(
  { name, type }: { name: string; type: string },
  others: readonly { name: string }[],
): string | null {
  const lower = name.toLowerCase();
  if (name === type) return others.some((other) => other.name.toLowerCase() === lower) ? explainTwice(name) : null;
  if (type in METRICS && !hasSettings(type)) return `${type} has no settings, so its name is ${type}.`;
  if (TYPES.has(lower)) return `"${name}" is a metric of its own: give this one another name.`;
  if (TAKEN.has(lower) || lower.endsWith('_statistics')) {
    return `"${name}" is the name of another column of the rows: give the metric another.`;
  }
  return others.some((other) => other.name.toLowerCase() === lower) ? explainTwice(name) : null;
}
const explainTwice = (name: string) => `Two metrics are named "${name}": names are unique, upper and lower case alike.`;

/** What an experiment or an evaluation is scored by. */
export const metricRefs = (whenEmpty: string) =>
  z
    .array(MetricRef)
    .min(1, whenEmpty)
    .max(MAX_METRICS, `At most ${MAX_METRICS} metrics.`)
    .superRefine((refs, context) => {
      const checks: { name: string }[] = [];
      for (const [i, ref] of refs.entries()) {
        const request = asRequest(ref);
        const { type, name = type }: { type: string; name?: string | undefined } = request;
        const isPlain = !hasSettings(type);
        const message = explainName({ name, type }, isPlain ? [] : checks);
        if (message !== null) context.addIssue({ code: 'custom', path: [i, 'name'], message });
        if (!isPlain) checks.push({ name });
        if (type === 'judge' && !('instructions' in request && request.instructions)) {
          context.addIssue({
            code: 'custom',
            path: [i, 'instructions'],
            message: 'Give instructions in plain words, or a preset.',
          });
        }
      }
    });

/** The metrics that `refs` stand for, each once: in the order of METRIC_TYPES, and of those of one type, as they are written. */
export function resolveMetrics(refs: readonly MetricRef[]): MetricSettings[] {
  const wanted = new Map<string, MetricSettings>();
  for (const ref of refs) {
    const asked = asRequest(ref);
    const members =
      asked.type in METRIC_GROUPS
        ? METRIC_GROUPS[asked.type as keyof typeof METRIC_GROUPS].map((type) => ({ type }))
        : [asked];
    for (const one of members) {
      const metric = MetricSettings.parse({ ...one, name: ('name' in one && one.name) || one.type });
      wanted.set(metric.name, metric);
    }
  }
  return [...wanted.values()].toSorted((a, b) => METRIC_TYPES.indexOf(a.type) - METRIC_TYPES.indexOf(b.type));
}

/** What is known of a metric with these settings: a check is called by its name, and says what it looks for. */
export function describeMetric(settings: MetricSettings): Metric {
  const info = METRICS[settings.type];
  if (isJudge(settings)) return { ...settings, ...info, ...judgeInfo(settings) };
  const label = metricLabel(settings);
  return isCheck(settings)
    ? { ...settings, ...info, label, description: describeCheck(settings) }
    : { ...settings, ...info, label };
}

/** What a metric is called on a page: a check by its name. */
export function metricLabel({ type, name }: { type: MetricType; name: MetricName }): string {
  return name === type ? METRICS[type].label : name;
}

/** Without what is known of its type. */
export function settingsOf(metric: Metric): MetricSettings {
  return Object.fromEntries(Object.entries(metric).filter(([key]) => !(key in MetricInfo.shape))) as MetricSettings;
}

/** `The answer contains "refund"; upper and lower case are alike.` */
export function describeCheck(check: Extract<MetricSettings, { type: CheckType }>): string {
  const alike = 'ignore_case' in check && check.ignore_case ? '; upper and lower case are alike.' : '.';
  switch (check.type) {
    case 'contains':
      return `The answer contains "${check.text}"${alike}`;
    case 'starts_with':
      return `The answer starts with "${check.text}"${alike}`;
    case 'contains_any':
      return `The answer contains at least one of ${listTexts(check.texts)}${alike}`;
    case 'contains_all':
      return `The answer contains ${listTexts(check.texts)}${alike}`;
    case 'regex':
      return `${check.pattern} is found in the answer${alike}`;
    case 'json_schema':
      return 'The answer is JSON that the schema allows.';
    case 'number_match':
      return `The last number of the answer is that of the reference${describeTolerance(check)}.`;
  }
}

function describeTolerance(check: { absolute_tolerance: number; relative_tolerance: number }): string {
  const parts = [
    ...(check.absolute_tolerance > 0 ? [`${check.absolute_tolerance}`] : []),
    ...(check.relative_tolerance > 0 ? [`${Number((check.relative_tolerance * 100).toPrecision(12))} % of it`] : []),
  ];
  return parts.length === 0 ? '' : `, give or take ${parts.join(' or ')}`;
}

const listTexts = (texts: readonly string[]) =>
  texts.length > 5
    ? `${texts
        .slice(0, 4)
        .map((text) => `"${text}"`)
        .join(', ')} and ${texts.length - 4} more`
    : texts.map((text) => `"${text}"`).join(', ');
