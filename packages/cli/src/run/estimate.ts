import type { ExperimentEstimate } from '@touchstone/schemas';
import { formatDollars, formatSeconds, plural } from '../text/numbers.ts';
import type { Style } from '../text/style.ts';
import { type Column, renderTable } from '../text/table.ts';
import { oneLine } from '../text/width.ts';

const COLUMNS: readonly Column[] = [
  { title: 'model' },
  { title: 'calls', align: 'right' },
  { title: 'prompt tokens', align: 'right' },
  { title: 'answer tokens', align: 'right' },
  { title: 'cost', align: 'right' },
  { title: 'time', align: 'right' },
];

/** What a run would use, a line for each model, and what that rests on. */
export function renderEstimate(
  { rows, models: candidates, judges, total, power, assumptions }: ExperimentEstimate,
  style: Style,
): string[] {
  const models = [...candidates, ...judges.map((judge) => ({ ...judge, name: `judge ${judge.name}` }))];
  const figures = ({ calls, tokens, cost, seconds }: ExperimentEstimate['total']) => [
    ...[calls, tokens.prompt, tokens.completion].map((count) => count.toLocaleString('en')),
    formatDollars(cost),
    formatSeconds(seconds),
  ];
  const lines = models.map((model) => [oneLine(model.name), ...figures(model)]);
  if (models.length > 1) lines.push(['all', ...figures(total)]);
  return [
    `An estimate for ${plural(rows, 'row')}; nothing was started.`,
    '',
    ...renderTable(COLUMNS, lines, style),
    '',
    ...(power ? [power.text, ''] : []),
    ...models.map((model) => `${oneLine(model.name)}: ${model.assumptions.join(' ')}`),
    ...assumptions,
  ];
}

/** In one line; null: no model is called, so there is nothing to weigh. */
export function summarizeEstimate({ total: { tokens, cost, seconds } }: ExperimentEstimate): string | null {
  const all = tokens.prompt + tokens.completion;
  if (all === 0) return null;
  const money = cost === null ? 'cost unknown' : `about ${formatDollars(cost)}`;
  const time = seconds === null ? 'time unknown' : formatSeconds(seconds);
  return `Estimate: ${money}, ${plural(all, 'token')}, ${time}; \`--dry-run\` says what it rests on.`;
}
