import { TouchstoneError } from '@touchstone/client';
import { SERVICE_NAMES, type ServiceState } from '@touchstone/schemas';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { writeJson, writeLine } from '../terminal.ts';
import type { Style } from '../text/style.ts';
import { renderTable } from '../text/table.ts';
import { oneLine } from '../text/width.ts';

export function addStatusCommand(program: Command, context: Context): void {
  program
    .command('status')
    .description('whether Touchstone runs, and each of its services; fails where the server does not answer')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => showStatus(context, json === true));
}

async function showStatus({ connect, terminal, style }: Context, json: boolean): Promise<void> {
  const { url, client } = connect();
  const status = await client.status.get.query().catch((error) => {
    if (json && error instanceof TouchstoneError && error.status === 0) {
      writeJson(terminal.stdout, { url, services: { server: { state: 'down', url } } });
    }
    throw error;
  });
  if (json) return writeJson(terminal.stdout, status);
  writeLine(terminal.stdout, `Touchstone ${status.version} at ${status.url}`);
  const rows = SERVICE_NAMES.map((name) => {
    const { state, url: address, version, detail } = status.services[name];
    return [name, colour(state, style), address ?? '', oneLine(detail ?? version ?? '')];
  });
  for (const line of renderTable(
    [{ title: 'Service' }, { title: 'State' }, { title: 'Address' }, { title: 'Detail' }],
    rows,
    style,
  )) {
    writeLine(terminal.stdout, line);
  }
}

function colour(state: ServiceState, style: Style): string {
  return { ok: style.green, degraded: style.yellow, starting: style.yellow, down: style.red }[state](state);
}
