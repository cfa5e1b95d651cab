/** What the facts mean, in words. Pure. */
import {
  CATALOGUE,
  findCatalogueModel,
  type HealthFinding,
  type HealthKind,
  type HealthSeverity,
} from '@touchstone/schemas';
import type { ColumnFacts, Found, Groups, HealthFacts } from './facts.ts';
import { findSpellings } from './labels.ts';

export type FindingsRequest = {
  input_column: string;
  reference_column: string | null;
  /** As an experiment names them; none: all of the catalogue. */
  models: readonly string[];
};

const SEVERITIES = ['problem', 'warning', 'note'] as const satisfies HealthSeverity[];

/** The detector errs in about one of a hundred sentences: fewer in other languages than so many say nothing. */
const LEAST_OTHER_LANGUAGES = 0.03;
const MOST_VALUES = 50;
const MOST_NAMED = 3;

/** The most severe first, and of those the most frequent. */
export function findingsOf(facts: HealthFacts, request: FindingsRequest): HealthFinding[] {
  const { input_column, reference_column } = request;
  const all = [
    ...aboutBlank(facts, request),
    ...aboutDuplicates(facts, request),
    ...aboutContexts(facts, request),
    ...aboutReferences(facts, request),
    ...aboutColumn(facts.input, input_column, facts.row_count),
    ...(facts.reference && reference_column !== null
      ? aboutColumn(facts.reference, reference_column, facts.row_count)
      : []),
  ];
  const rank = ({ severity }: HealthFinding) => SEVERITIES.indexOf(severity);
  return all.toSorted((a, b) => rank(a) - rank(b) || b.count - a.count);
}

const MOST_SUMMARIZED = 3;

/** One line; notes are counted, not told. */
export function summarizeFindings(findings: readonly HealthFinding[], row_count: number): string {
  const grave = findings.filter(({ severity }) => severity !== 'note');
  const notes = findings.length - grave.length;
  const also = notes > 0 ? `${plural(notes, 'note', 'notes')}` : '';
  if (grave.length === 0) return `No fault was found in ${plural(row_count, 'row', 'rows')}${also && `; ${also}`}.`;
  const told = grave.slice(0, MOST_SUMMARIZED).map(({ summary }) => lowerFirst(summary));
  const rest = grave.length - told.length;
  const list = [...told, ...(rest > 0 ? [`${count(rest)} more`] : []), ...(also ? [also] : [])].join('; ');
  return `${plural(grave.length, 'finding', 'findings')}: ${list}.`;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

type Words = Pick<HealthFinding, 'summary' | 'meaning' | 'to_do'>;

/** None where nothing was found. */
function finding(
  kind: HealthKind,
  severity: HealthSeverity,
  column: string,
  { count, rows }: Found,
  of: number,
  words: Words,
  rest: Partial<Pick<HealthFinding, 'groups' | 'values'>> = {},
): HealthFinding[] {
  if (count === 0) return [];
  return [
    { kind, severity, column, count, share: Math.min(1, count / of), rows, groups: [], values: [], ...rest, ...words },
  ];
}

function aboutBlank({ row_count, input, reference }: HealthFacts, columns: FindingsRequest): HealthFinding[] {
  const { blank } = input;
  const isAll = blank.count === row_count;
  return [
    ...finding('blank_input', isAll ? 'problem' : 'warning', columns.input_column, blank, row_count, {
      summary: isAll ? 'Every input is blank' : `${rowsHave(blank.count)} a blank input`,
      meaning: isAll ? 'There is nothing to ask a model.' : 'Rows without an input are left out of every experiment.',
      to_do: isAll ? 'Choose another input column.' : 'Fill them in, or do without them.',
    }),
    ...(reference
      ? finding('blank_reference', 'warning', columns.reference_column!, reference.blank, row_count, {
          summary: `${rowsHave(reference.blank.count)} a blank reference`,
          meaning: 'Where a metric needs a reference, rows without one are left out.',
          to_do: 'Write them, or have a model generate them on the page of the dataset.',
        })
      : []),
  ];
}

/** Of each group the first row. */
const firstRows = ({ count, groups }: Pick<Groups, 'count' | 'groups'>): Found => ({
  count,
  rows: groups.map(({ rows }) => rows[0]!),
});

function aboutDuplicates(facts: HealthFacts, { input_column, reference_column }: FindingsRequest): HealthFinding[] {
  const { row_count, duplicate_rows, conflicting_references, near_duplicates } = facts;
  const { count, groups } = near_duplicates;
  const what = reference_column === null ? 'the input' : 'input and reference';
  return [
    ...finding(
      'duplicate_rows',
      'warning',
      input_column,
      firstRows(duplicate_rows),
      row_count,
      {
        summary: `${plural(duplicate_rows.count, 'row repeats', 'rows repeat')} ${what} of an earlier row`,
        meaning: 'Each is paid for again, and counts as if it were a new observation: intervals become too narrow.',
        to_do: 'Remove all but one of each, unless they are as frequent in your work.',
      },
      { groups: duplicate_rows.groups },
    ),
    ...finding(
      'conflicting_references',
      'warning',
      reference_column ?? input_column,
      firstRows(conflicting_references),
      row_count,
      {
        summary: `${plural(conflicting_references.count, 'row has', 'rows have')} an input that has another reference elsewhere`,
        meaning: 'No answer can be right for both: every model loses on one of them.',
        to_do: 'Decide which reference holds; several good ones are better given to a judge.',
      },
      { groups: conflicting_references.groups },
    ),
    ...finding(
      'near_duplicates',
      'warning',
      input_column,
      firstRows({ count, groups }),
      near_duplicates.looked_at,
      {
        summary: `About ${plural(count, 'row is', 'rows are')} nearly the same as an earlier one`,
        meaning:
          'The inputs have four fifths or more of their text in common (estimated, by MinHash): copies, templates or versions. Such rows say less than as many different ones.',
        to_do: 'Look at some: keep one of each where they are copies.',
      },
      { groups },
    ),
  ];
}

function aboutContexts(
  { row_count, longer_than }: HealthFacts,
  { input_column, models }: FindingsRequest,
): HealthFinding[] {
  const asked = models.flatMap((name) => findCatalogueModel(name) ?? []);
  const known = models.length === 0 ? CATALOGUE : [...new Set(asked)];
  return longer_than.flatMap(({ context_length, ...found }) => {
    const labels = known.filter((model) => model.context_length === context_length).map(({ label }) => label);
    if (labels.length === 0) return [];
    const whose = `${labels.slice(0, MOST_NAMED).join(', ')}${labels.length > MOST_NAMED ? ` and ${labels.length - MOST_NAMED} more` : ''}`;
    return finding('longer_than_context', models.length === 0 ? 'note' : 'problem', input_column, found, row_count, {
      summary: `${plural(found.count, 'row is', 'rows are')} longer than the context of ${whose} (${context_length.toLocaleString('en')} tokens)`,
      meaning:
        'The input alone has more tokens (estimated by its characters) than prompt and answer may have together: an endpoint refuses it, a model that runs here reads only its beginning.',
      to_do: 'Choose a model of longer context, or shorten these inputs.',
    });
  });
}

function aboutReferences(facts: HealthFacts, { reference_column }: FindingsRequest): HealthFinding[] {
  const { row_count, input, reference, reference_equals_input, reference_longer_than_input } = facts;
  if (!reference || reference_column === null) return [];
  const both = row_count - Math.max(input.blank.count, reference.blank.count);
  const isMost = reference_longer_than_input.count > both / 2 && reference.labels === null;
  return [
    ...finding('reference_equals_input', 'problem', reference_column, reference_equals_input, row_count, {
      summary: `${plural(reference_equals_input.count, 'reference is', 'references are')} the input itself`,
      meaning: 'A model that copies its input is scored as perfect there.',
      to_do: 'Check that the right column was chosen, and write real references for these rows.',
    }),
    ...(isMost
      ? finding('reference_longer_than_input', 'note', reference_column, reference_longer_than_input, row_count, {
          summary: `In ${percent(reference_longer_than_input.count / row_count)} of the rows the reference is longer than the input`,
          meaning:
            'Usual for translations and for answers to questions; of summaries it means that the columns are swapped.',
          to_do: 'Where the task is a summary, exchange input and reference column.',
        })
      : []),
  ];
}

function aboutColumn(column: ColumnFacts, name: string, row_count: number): HealthFinding[] {
  const filled = row_count - column.blank.count;
  const [low, middle, high] = column.quartiles ?? [0, 0, 0];
  const usual = `Half of the texts have ${count(low)} to ${count(high)} characters, the middle one ${count(middle)}.`;
  const isClass = column.labels !== null;
  const about = (
    kind: HealthKind,
    severity: HealthSeverity,
    found: Found,
    summary: string,
    meaning: string,
    to_do: string,
  ) => finding(kind, severity, name, found, row_count, { summary, meaning, to_do });
  const {
    only_punctuation,
    very_short,
    very_long,
    broken_characters,
    control_characters,
    markup,
    surrounding_white_space,
  } = column;
  return [
    ...about(
      'only_punctuation',
      'warning',
      only_punctuation,
      `${rowsHave(only_punctuation.count)} only punctuation in "${name}"`,
      'There is no letter, digit or picture: most likely a placeholder such as "-" or "…".',
      'Make them blank, so that they are left out, or fill them in.',
    ),
    ...(isClass
      ? []
      : [
          ...about(
            'very_short',
            'note',
            very_short,
            `${plural(very_short.count, 'text is', 'texts are')} very short in "${name}"`,
            `${usual} These are far outside of that.`,
            'Look at some: cut off, or placeholders?',
          ),
          ...about(
            'very_long',
            'note',
            very_long,
            `${plural(very_long.count, 'text is', 'texts are')} very long in "${name}"`,
            `${usual} These are far outside of that, and cost accordingly.`,
            'Look at some: several texts in one, or a whole file?',
          ),
        ]),
    ...about(
      'broken_characters',
      'warning',
      broken_characters,
      `${rowsHave(broken_characters.count)} broken characters in "${name}"`,
      'Such as "Ã©" for "é": the text was read in the wrong encoding once. Models are scored against it as it stands.',
      'Export the data again as UTF-8, and upload that.',
    ),
    ...about(
      'control_characters',
      'note',
      control_characters,
      `${rowsHave(control_characters.count)} control characters in "${name}"`,
      'Characters that nobody sees, but for tabs and line ends. Some endpoints refuse them.',
      'Remove them where the data comes from.',
    ),
    ...about(
      'markup',
      'note',
      markup,
      `${rowsHave(markup.count)} left-overs of HTML in "${name}"`,
      'Tags and entities such as <br> or &amp; cost tokens, and in a reference they are scored as words.',
      'Turn it into plain text, unless the models are to see it.',
    ),
    ...about(
      'surrounding_white_space',
      'note',
      surrounding_white_space,
      `${plural(surrounding_white_space.count, 'text begins or ends', 'texts begin or end')} with white space in "${name}"`,
      'It is part of the text: an exact match is missed by it, other metrics do not mind.',
      'Trim it where the data comes from, if metrics compare exactly.',
    ),
    ...aboutLanguages(column, name, filled),
    ...aboutLabels(column, name, row_count),
  ];
}

function aboutLanguages(
  { languages: { looked_at, found } }: ColumnFacts,
  name: string,
  filled: number,
): HealthFinding[] {
  const [main, ...others] = found;
  if (!main) return [];
  const told = found.reduce((sum, one) => sum + one.count, 0);
  const other = others.reduce((sum, one) => sum + one.count, 0);
  if (other < LEAST_OTHER_LANGUAGES * told) return [];
  const of = looked_at < filled ? ` of ${count(looked_at)} that were looked at` : '';
  const unknown = looked_at - told;
  return finding(
    'mixed_languages',
    'warning',
    name,
    {
      count: other,
      rows: others
        .flatMap(({ rows }) => rows)
        .slice(0, 10)
        .toSorted((a, b) => a - b),
    },
    looked_at,
    {
      summary: `${plural(other, 'text', 'texts')}${of} in "${name}" ${other === 1 ? 'is' : 'are'} not in ${languageName(main.value)}: ${others
        .slice(0, MOST_NAMED)
        .map(({ value }) => languageName(value))
        .join(', ')}`,
      meaning: 'Models and metrics differ by language: one score over all of them hides that.',
      to_do: 'Compare each language by itself, or leave out what does not belong.',
    },
    {
      values: [
        ...found.map(({ value, count }) => ({ value: languageName(value), count })),
        ...(unknown > 0 ? [{ value: 'unknown (short, or no words)', count: unknown }] : []),
      ].slice(0, MOST_VALUES),
    },
  );
}

function aboutLabels({ labels }: ColumnFacts, name: string, row_count: number): HealthFinding[] {
  if (labels === null) return [];
  const total = labels.reduce((sum, label) => sum + label.count, 0);
  const same = findSpellings(labels);
  const [most, least] = [labels[0]!, labels.at(-1)!];
  const rarer = same.flatMap(([, ...rest]) => rest);
  const counts = (these: typeof labels) => these.map(({ value, count }) => ({ value, count })).slice(0, MOST_VALUES);
  return [
    ...finding(
      'label_spellings',
      'warning',
      name,
      {
        count: rarer.reduce((sum, label) => sum + label.count, 0),
        rows: rarer.flatMap(({ rows }) => rows).slice(0, 10),
      },
      row_count,
      {
        summary: `${plural(same.length, 'label is', 'labels are')} written in several ways in "${name}"`,
        meaning: 'They differ by capitals or spaces alone, but count as different classes.',
        to_do: 'Write each in one way.',
      },
      { values: counts(same.flat()) },
    ),
    ...finding(
      'labels',
      'note',
      name,
      { count: total, rows: [] },
      row_count,
      {
        summary: `"${name}" has ${labels.length} labels, "${cut(most.value)}" in ${percent(most.count / total)}, "${cut(least.value)}" in ${percent(least.count / total)}`,
        meaning: `Whoever always answers "${cut(most.value)}" is right in ${percent(most.count / total)} of the rows: a score is to be held against that.`,
        to_do: 'Make sure that each label that matters has enough rows.',
      },
      { values: counts(labels) },
    ),
  ];
}

const count = (value: number) => Math.round(value).toLocaleString('en');
const plural = (value: number, one: string, many: string) => `${count(value)} ${value === 1 ? one : many}`;
const rowsHave = (value: number) => plural(value, 'row has', 'rows have');
const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`;
const cut = (value: string) => (value.length > 30 ? `${value.slice(0, 29)}…` : value);
const LANGUAGES = new Intl.DisplayNames('en', { type: 'language' });
const languageName = (code: string) => LANGUAGES.of(code) ?? code;
