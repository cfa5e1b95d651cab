import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { Id } from '@touchstone/schemas';
import type { Command } from 'commander';
import { parse, stringify } from 'yaml';
import type { Context } from '../context.ts';
import { BadInput } from '../failure.ts';
import { type ImportedConfig, type ImportedDataset, importLumigator } from '../import/lumigator.ts';
import { checkFile } from '../run/upload.ts';
import { styleOf, type Terminal, writeLine } from '../terminal.ts';
import { oneLine } from '../text/width.ts';

const MAX_BYTES = 5_000_000;

type Options = { dataset?: string; out?: string };

export function addImportCommand(program: Command, context: Context): void {
  const imports = program.command('import').description('make a config from what another tool was asked for');
  imports
    .command('lumigator')
    .description('a config from a request to Lumigator: a workflow, an experiment with its workflows, or jobs')
    .argument('<file>', 'the request as JSON or YAML; several in a list become one experiment')
    .option('--dataset <file or id>', 'the dataset, as a file or by its id in Touchstone')
    .option('--out <file>', 'instead of standard output')
    .action((file: string, options: Options) => importFrom(context, file, options));
}

function importFrom({ terminal }: Context, file: string, { dataset, out }: Options): void {
  const path = resolve(terminal.cwd, file);
  checkFile(path);
  const folder = out === undefined ? terminal.cwd : dirname(resolve(terminal.cwd, out));
  const imported = importLumigator(
    readRequest(path, file),
    dataset === undefined ? undefined : findDataset(dataset, folder, terminal),
  );
  const text = formatConfig(imported, file);
  if (out === undefined) {
    terminal.stdout.write(text);
    return;
  }
  try {
    writeFileSync(resolve(terminal.cwd, out), text);
  } catch (error) {
    throw new BadInput(`The config cannot be written: ${(error as Error).message}`);
  }
  const style = styleOf(terminal.stderr, terminal.env);
  for (const note of imported.notes) writeLine(terminal.stderr, style.yellow(`! ${oneLine(note)}`));
  writeLine(terminal.stdout, `Wrote ${out}. \`npx touchstone run ${out}\` runs it.`);
}

function findDataset(dataset: string, folder: string, terminal: Terminal): ImportedDataset {
  if (Id.safeParse(dataset).success) return { id: dataset };
  const path = resolve(terminal.cwd, dataset);
  checkFile(path);
  return { file: relative(folder, path) };
}

function readRequest(path: string, file: string): unknown {
  const bytes = readFileSync(path);
  if (bytes.length > MAX_BYTES) throw new BadInput(`${file} is larger than a request can be.`);
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // YAML, then.
  }
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new BadInput(`${file} is neither JSON nor YAML: ${oneLine((error as Error).message.split('\n')[0]!)}`);
  }
}

/** YAML with what a person should know of it above. */
function formatConfig({ config, notes }: ImportedConfig, file: string): string {
  const head = [`Made from ${file}, a request to Lumigator.`, ...notes.map((note) => `- ${note}`)];
  return `${head.map((line) => `# ${oneLine(line)}\n`).join('')}${stringify(config, { lineWidth: 120 })}`;
}
