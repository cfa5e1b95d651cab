import {
  type Endpoint,
  EndpointRef,
  EndpointSettings,
  EndpointTestInput,
  explainError,
  PROVIDER_IDS,
  PROVIDERS,
  ProviderId,
} from '@touchstone/schemas';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.ts';
import { BadInput, EXIT, Failure } from '../failure.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { renderTable } from '../text/table.ts';
import { parseCount } from './options.ts';

type AddOptions = { provider?: ProviderId; baseUrl?: string; secret?: string | false; concurrency?: number };

export function addEndpointCommands(program: Command, context: Context): void {
  const endpoints = program.command('endpoints').description('where models answer: list, add, test and remove');
  endpoints
    .command('list')
    .description('names, addresses and keys')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => listEndpoints(context, json === true));
  endpoints
    .command('add')
    .description('register an endpoint under a name')
    .argument('<name>', 'such as openai or my-vllm')
    .option('--provider <provider>', `take address and key from a preset: ${PROVIDER_IDS.join(', ')}`, parseProvider)
    .option('--base-url <url>', 'the address before /chat/completions')
    .option('--secret <name>', 'the stored key that is sent to it')
    .option('--no-secret', 'no key, also where the preset has one')
    .option('--concurrency <n>', 'calls at once, of all jobs together; left out: found by trying', parseCount)
    .action((name: string, options: AddOptions) => addEndpoint(context, name, options));
  endpoints
    .command('test')
    .description('ask it one short question, or for its list of models')
    .argument('<name>')
    .option('--model <model>', 'the model to ask; left out: the list of models is read')
    .option('--json', 'as JSON')
    .action((name: string, options: { model?: string; json?: true }) => testEndpoint(context, name, options));
  endpoints
    .command('remove')
    .description('forget it; experiments keep what it was')
    .argument('<name>')
    .action((name: string) => removeEndpoint(context, name));
}

function parseProvider(value: string): ProviderId {
  const { data, error } = ProviderId.safeParse(value);
  if (data === undefined) throw new InvalidArgumentError(error.issues[0]!.message);
  return data;
}

async function listEndpoints({ connect, terminal, style }: Context, json: boolean): Promise<void> {
  const endpoints = await connect().client.endpoints.list.query();
  if (json) return writeJson(terminal.stdout, endpoints);
  if (endpoints.length === 0)
    return writeLine(terminal.stdout, 'No endpoints yet: `npx touchstone endpoints add NAME --base-url URL` adds one.');
  const columns = [{ title: 'Name' }, { title: 'Address' }, { title: 'Key' }, { title: 'Experiments' }];
  const rows = endpoints.map((endpoint) => [
    endpoint.name,
    endpoint.base_url,
    keyOf(endpoint),
    String(endpoint.experiments),
  ]);
  for (const line of renderTable(columns, rows, style)) writeLine(terminal.stdout, line);
}

function keyOf({ secret, secret_missing }: Endpoint): string {
  return secret === null ? '–' : `${secret}${secret_missing ? ' (not stored)' : ''}`;
}

async function addEndpoint({ connect, terminal }: Context, name: string, options: AddOptions): Promise<void> {
  const { provider, baseUrl, secret, concurrency } = options;
  const preset = provider && PROVIDERS[provider];
  const base_url = baseUrl ?? preset?.base_url;
  if (base_url === undefined) throw new BadInput('Say where it is: --base-url URL, or --provider for a preset.');
  const settings = EndpointSettings.safeParse({
    name,
    base_url,
    secret: secret === false ? null : (secret ?? preset?.secret ?? null),
    concurrency: concurrency ?? null,
    provider: provider ?? null,
  });
  if (!settings.success) throw new BadInput(explainError(settings.error));
  const made = await connect().client.endpoints.create.mutate(settings.data);
  writeLine(terminal.stdout, `Added ${made.name}. A model uses it with \`endpoint: ${made.name}\`.`);
  if (made.secret_missing)
    writeLine(terminal.stdout, `Its key is not stored yet: \`npx touchstone secrets set ${made.secret}\`.`);
}

async function testEndpoint(
  { connect, terminal, exitWith }: Context,
  name: string,
  { model, json }: { model?: string; json?: true },
): Promise<void> {
  const { client } = connect();
  const endpoint = (await client.endpoints.list.query()).find((one) => one.name === name);
  if (!endpoint) throw new Failure(`There is no endpoint "${name}": \`npx touchstone endpoints list\` shows them.`);
  const { base_url, secret, provider } = endpoint;
  const input = EndpointTestInput.safeParse({ base_url, secret, provider, model });
  if (!input.success) throw new BadInput(explainError(input.error));
  const result = await client.endpoints.test.mutate(input.data);
  if (json) writeJson(terminal.stdout, result);
  else if (result.problem) writeLine(terminal.stdout, `${name}: ${result.problem.message}`);
  else {
    const what = result.asked === 'model' ? `${model} answers` : 'it answers with its list of models';
    writeLine(terminal.stdout, `${name}: ${what}, in ${Math.round(result.latency_ms!)} ms. ${result.note}`.trim());
  }
  if (result.problem) exitWith(EXIT.failed);
}

async function removeEndpoint({ connect, terminal }: Context, name: string): Promise<void> {
  if (!EndpointRef.safeParse({ name }).success) throw new BadInput(`"${name}" cannot name an endpoint.`);
  await connect().client.endpoints.remove.mutate({ name });
  writeLine(terminal.stdout, `Removed ${name}. Experiments keep what it was.`);
}
