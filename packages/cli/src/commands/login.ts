import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { writeJson, writeLine } from '../terminal.ts';
import { formatTime } from '../text/numbers.ts';

export function addLoginCommand(program: Command, context: Context): void {
  program
    .command('login')
    .description('print a link that signs a browser in, once')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => printLink(context, json === true));
}

async function printLink({ connect, terminal }: Context, json: boolean): Promise<void> {
  const link = await connect().client.sign_in_links.create.mutate();
  if (json) return writeJson(terminal.stdout, link);
  writeLine(terminal.stderr, `Open this in your browser; it works once, until ${formatTime(link.expires_at)}:`);
  writeLine(terminal.stdout, link.url);
}
