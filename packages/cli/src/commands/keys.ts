import { ApiKeyCreate } from '@touchstone/schemas';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { BadInput } from '../failure.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { formatTime } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';

type CreateOptions = { scope: string; days: string; json?: true };

export function addKeyCommands(program: Command, context: Context): void {
  const keys = program.command('keys').description('API keys, with which other programs sign in: list, create, revoke');
  keys
    .command('list')
    .description('names, scopes and when they were last used')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => listKeys(context, json === true));
  keys
    .command('create')
    .description('print a new key, this once')
    .argument('<name>', 'which program uses it')
    .option('--scope <scope>', 'read: sees everything but secrets; run: also uploads, starts, stops, deletes', 'read')
    .option('--days <days>', 'until it expires, or never', '30')
    .option('--json', 'as JSON')
    .action((name: string, options: CreateOptions) => createKey(context, name, options));
  keys
    .command('revoke')
    .description('let a key in no more')
    .argument('<name>')
    .action((name: string) => revokeKey(context, name));
}

async function listKeys({ connect, terminal, style }: Context, json: boolean): Promise<void> {
  const keys = await connect().client.api_keys.list.query();
  if (json) return writeJson(terminal.stdout, keys);
  if (keys.length === 0)
    return writeLine(terminal.stdout, 'No API keys yet: `npx touchstone keys create NAME` makes one.');
  const columns = ['Name', 'Ends in', 'Scope', 'Last used', 'Expires'].map((title) => ({ title }));
  const rows = keys.map(({ name, last4, scope, last_used_at, expires_at }) => [
    name,
    last4,
    scope,
    last_used_at ? formatTime(last_used_at) : 'never',
    expires_at ? formatTime(expires_at) : 'never',
  ]);
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

async function createKey(context: Context, name: string, { scope, days, json }: CreateOptions): Promise<void> {
  const input = ApiKeyCreate.safeParse({ name, scope, expires_in_days: days === 'never' ? null : Number(days) });
  if (!input.success) {
    const { path, message } = input.error.issues[0]!;
    const option = { scope: '--scope: ', expires_in_days: '--days: ' }[String(path[0])] ?? '';
    throw new BadInput(`${option}${message}`);
  }
  const { terminal, connect } = context;
  const created = await connect().client.api_keys.create.mutate(input.data);
  if (json) return writeJson(terminal.stdout, created);
  const until = created.expires_at ? `until ${formatTime(created.expires_at)}` : 'until it is revoked';
  writeLine(terminal.stderr, `This key is shown once; it works ${until}. Programs read it from TOUCHSTONE_API_KEY:`);
  writeLine(terminal.stdout, created.key);
}

async function revokeKey({ connect, terminal }: Context, name: string): Promise<void> {
  const { client } = connect();
  const key = (await client.api_keys.list.query()).find((one) => one.name === name);
  if (!key) throw new BadInput(`There is no API key "${name}": \`npx touchstone keys list\` shows which there are.`);
  await client.api_keys.remove.mutate({ id: key.id });
  writeLine(terminal.stdout, `Revoked ${name}.`);
}
