import { DEFAULT_INPUT_COLUMN, DEFAULT_REFERENCE_COLUMN, type HealthFinding } from '@touchstone/schemas';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { resolveDataset } from '../dataset-reference.ts';
import { lookAtHealth } from '../run/health.ts';
import { writeJson, writeLine } from '../terminal.ts';
import type { Style } from '../text/style.ts';
import { oneLine } from '../text/width.ts';

type Options = { input?: string; reference?: string | false; model?: string[]; json?: true };

export function addHealthCommand(datasets: Command, context: Context): void {
  datasets
    .command('health')
    .description('duplicates, blank and extreme rows, and other faults of the data')
    .argument('<id or name>')
    .option('--input <column>', `column that the models read (left out: "${DEFAULT_INPUT_COLUMN}", or the first)`)
    .option(
      '--reference <column>',
      `column of references (left out: "${DEFAULT_REFERENCE_COLUMN}", where there is one)`,
    )
    .option('--no-reference', 'without references')
    .option('--model <name...>', 'whose context the inputs are held against (left out: every model of the catalogue)')
    .option('--json', 'as JSON')
    .action((id: string, options: Options) => showHealth(context, id, options));
}

async function showHealth(context: Context, given: string, options: Options): Promise<void> {
  const { terminal, style } = context;
  const { client } = context.connect();
  const id = await resolveDataset(client, given);
  const names = (await client.datasets.get.query({ id })).columns.map(({ name }) => name);
  const known = (name: string) => (names.includes(name) ? name : null);
  const input_column = options.input ?? known(DEFAULT_INPUT_COLUMN) ?? names[0]!;
  const found = known(DEFAULT_REFERENCE_COLUMN);
  const fallback = found === input_column ? null : found;
  const reference_column = options.reference === false ? null : (options.reference ?? fallback);
  const input = { id, input_column, reference_column, models: options.model ?? [] };
  const health = await lookAtHealth(client, input);
  if (options.json) return writeJson(terminal.stdout, health);
  writeLine(
    terminal.stdout,
    oneLine(health.findings.length > 0 ? `${health.row_count.toLocaleString('en')} rows` : health.summary),
  );
  for (const finding of health.findings) {
    writeLine(terminal.stdout, '');
    for (const line of renderFinding(finding, style)) writeLine(terminal.stdout, line);
  }
}

function renderFinding(
  { severity, summary, share, meaning, to_do, rows, groups, values }: HealthFinding,
  style: Style,
): string[] {
  const places = groups.map((group) => {
    const more = group.size > group.rows.length ? ', …' : '';
    const like = group.similarity === null ? '' : `: ${Math.floor(group.similarity * 100)} % in common`;
    return `  rows ${group.rows.join(', ')}${more}${like}`;
  });
  return [
    style.bold(`${severity}: ${oneLine(summary)} (${Number((share * 100).toPrecision(2))} %)`),
    `  ${oneLine(meaning)} ${oneLine(to_do)}`,
    ...values.map(({ value, count }) => `  ${count.toLocaleString('en').padStart(9)}  ${JSON.stringify(value)}`),
    ...(groups.length > 0
      ? places
      : rows.length > 0
        ? [`  rows ${rows.join(', ')}${rows.length === 10 ? ', …' : ''}`]
        : []),
  ];
}
