import { Command, CommanderError } from 'commander';
import { addDatasetCommands } from './commands/datasets.ts';
import { addEndpointCommands } from './commands/endpoints.ts';
import { addExperimentCommands } from './commands/experiments.ts';
import { addImportCommand } from './commands/import.ts';
import { addJobCommands } from './commands/jobs.ts';
import { addKeyCommands } from './commands/keys.ts';
import { addLoginCommand } from './commands/login.ts';
import { addModelCommands } from './commands/models.ts';
import { addOperationsCommands } from './commands/operations.ts';
import { addRunCommand } from './commands/run.ts';
import { addSecretCommands } from './commands/secrets.ts';
import { addStatusCommand } from './commands/status.ts';
import { createContext } from './context.ts';
import { EXIT, exitCodeOf, explainFailure } from './failure.ts';
import { styleOf, type Terminal, writeLine } from './terminal.ts';

const AFTER_HELP = `
Examples:
  npx touchstone run examples/summarization.yaml
  npx touchstone experiments list
  npx touchstone secrets set openai_api_key < key.txt

Where: the instance that \`npm start\` started in this folder or above, or --url and --api-key
(TOUCHSTONE_URL, TOUCHSTONE_API_KEY). TOUCHSTONE_HOME names another instance's folder.
Exit status: 0 done; 1 it failed; 2 what was asked for is wrong, and nothing was started; 130 interrupted.`;

/** Runs one command line (without the program's name) and returns the exit status. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('touchstone')
    .description('Which language model should I use for my data?')
    .option('--url <url>', 'address of the instance')
    .option('--api-key <key>', 'its API key (better: TOUCHSTONE_API_KEY, which other users of the machine cannot see)')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('`npx touchstone --help` shows what there is.');
  const context = createContext(program, terminal, (status) => {
    code = status;
  });
  for (const add of [
    addRunCommand,
    addStatusCommand,
    addExperimentCommands,
    addDatasetCommands,
    addJobCommands,
    addModelCommands,
    addEndpointCommands,
    addSecretCommands,
    addKeyCommands,
    addImportCommand,
    addLoginCommand,
    addOperationsCommands,
  ]) {
    add(program, context);
  }
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.bad_input;
    writeLine(terminal.stderr, styleOf(terminal.stderr, terminal.env).red(explainFailure(error)));
    return exitCodeOf(error);
  }
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
