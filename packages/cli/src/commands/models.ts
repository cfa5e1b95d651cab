import { PROVIDERS, type SuggestedModel, TaskName } from '@touchstone/schemas';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { renderTable } from '../text/table.ts';

export function addModelCommands(program: Command, context: Context): void {
  const models = program.command('models').description('models worth trying first, and what each needs');
  models
    .command('list')
    .description('one line for each way to reach a model')
    .option('--task <task>', TaskName.options.join(', '), parseTask)
    .option('--json', 'as JSON')
    .action((options: { task?: TaskName; json?: true }) => listModels(context, options));
}

function parseTask(value: string): TaskName {
  const { data } = TaskName.safeParse(value);
  if (data === undefined) throw new InvalidArgumentError(`Known tasks: ${TaskName.options.join(', ')}.`);
  return data;
}

async function listModels(
  { connect, terminal, style }: Context,
  { task, json }: { task?: TaskName; json?: true },
): Promise<void> {
  const models = await connect().client.models.list.query({ task });
  if (json) return writeJson(terminal.stdout, models);
  const columns = [
    { title: 'Model' },
    { title: 'By' },
    { title: 'As' },
    { title: '$ per M tokens' },
    { title: 'Needs' },
  ];
  const rows = models.flatMap(({ label, routes, local }) =>
    local
      ? [[label, 'here', local.model, '–', local.missing ? 'the extra hf: npm start -- --with hf' : 'nothing']]
      : routes.map((route) => [label, PROVIDERS[route.provider].label, route.model, priceOf(route), needOf(route)]),
  );
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

type Route = SuggestedModel['routes'][number];

/** `0.15 in, 0.6 out (2026-05)` */
function priceOf({ price }: Route): string {
  return price ? `${price.input} in, ${price.output} out (${price.as_of})` : '–';
}

function needOf({ provider, model, secret, endpoints }: Route): string {
  const { start } = PROVIDERS[provider];
  if (secret?.missing) return `the secret ${secret.name}`;
  if (endpoints.length > 0) return `nothing: ${endpoints.join(', ')}`;
  return start === null ? 'nothing' : start.replace('{model}', model);
}
