import { SecretRef, SecretSet } from '@touchstone/schemas';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { BadInput } from '../failure.ts';
import { readSecret } from '../secret-input.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { formatTime } from '../text/numbers.ts';
import { renderTable } from '../text/table.ts';

export function addSecretCommands(program: Command, context: Context): void {
  const secrets = program
    .command('secrets')
    .description('keys for endpoints: list, set and delete; values are never shown');
  secrets
    .command('list')
    .description('names and last characters')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => listSecrets(context, json === true));
  secrets
    .command('set')
    .description('store a value, read from standard input')
    .argument('<name>', 'such as openai_api_key')
    .action((name: string) => setSecret(context, name));
  secrets
    .command('delete')
    .description('forget a value')
    .argument('<name>')
    .action((name: string) => deleteSecret(context, name));
}

async function listSecrets({ connect, terminal, style }: Context, json: boolean): Promise<void> {
  const secrets = await connect().client.secrets.list.query();
  if (json) return writeJson(terminal.stdout, secrets);
  if (secrets.length === 0)
    return writeLine(terminal.stdout, 'No secrets yet: `npx touchstone secrets set NAME` stores one.');
  const columns = [{ title: 'Name' }, { title: 'Ends in' }, { title: 'Set' }];
  const rows = secrets.map(({ name, last4, updated_at }) => [name, last4 || '–', formatTime(updated_at)]);
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

function checkName(name: string): string {
  const parsed = SecretRef.safeParse({ name });
  if (!parsed.success) throw new BadInput(`"${name}" cannot name a secret. ${parsed.error.issues[0]!.message}`);
  return name;
}

async function setSecret({ connect, terminal }: Context, given: string): Promise<void> {
  const name = checkName(given);
  const { client } = connect();
  const input = SecretSet.safeParse({ name, value: await readSecret(terminal, `Value of ${name} (not shown): `) });
  if (!input.success) throw new BadInput(input.error.issues[0]!.message);
  await client.secrets.set.mutate(input.data);
  writeLine(terminal.stdout, `Stored ${name}. A model uses it with \`secret: ${name}\`.`);
}

async function deleteSecret({ connect, terminal }: Context, given: string): Promise<void> {
  const name = checkName(given);
  await connect().client.secrets.remove.mutate({ name });
  writeLine(terminal.stdout, `Deleted ${name}.`);
}
