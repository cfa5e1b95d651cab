/** Steps of the set-up: each prints one line with its time, or what failed, where its log is and what to do. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const running = new Set();
const titles = new Set();
const started = Date.now();

/** A step that failed: what a person can do about it, and the log that tells more. */
export class StepError extends Error {
  constructor(message, { hint, log } = {}) {
    super(message);
    this.hint = hint;
    this.log = log;
  }
}

/** Runs `work` and prints `✓ title   1.2 s`; on failure prints the reason and rethrows. */
export async function step(title, work) {
  const from = Date.now();
  titles.add(title);
  showProgress();
  try {
    const result = await work();
    printLine(`✓ ${title.padEnd(32)} ${seconds(Date.now() - from)}`);
    return result;
  } catch (error) {
    printLine(`✗ ${title.padEnd(32)} ${seconds(Date.now() - from)}`);
    throw error;
  } finally {
    titles.delete(title);
    showProgress();
  }
}

/** Runs a command with its output in `<logs>/<name>.log`; rejects with a StepError when it does not exit with 0. */
export function runLogged(name, command, args, { logs, cwd, env, hint, report = explainExit }) {
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${name}.log`);
  const out = openSync(log, 'w');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', out, out] });
    running.add(child);
    child.on('error', (error) => finish(new StepError(error.message, { hint, log })));
    child.on('exit', (code, signal) =>
      finish(
        code === 0
          ? null
          : new StepError(report({ name, code, signal, output: readFileSync(log, 'utf8') }), { hint, log }),
      ),
    );
    function finish(error) {
      running.delete(child);
      try {
        closeSync(out);
      } catch {}
      if (error) reject(error);
      else resolve();
    }
  });
}

/** The default words for a command that failed: its last lines. */
function explainExit({ name, code, signal, output }) {
  const tail = output.trimEnd().split('\n').slice(-12).join('\n  ');
  return `${name} ended with ${signal ?? `exit code ${code}`}:\n  ${tail}`;
}

/** Prints why the set-up stopped and ends the commands that still run. */
export function stopSetUp(error) {
  clearProgress();
  titles.clear();
  for (const child of running) child.kill('SIGTERM');
  console.error(`\n${error instanceof StepError ? error.message : error.stack}`);
  if (error.log) console.error(`\nLog: ${error.log}`);
  if (error.hint) console.error(`What to do: ${error.hint}`);
}

export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`.padStart(7);
}

// On a terminal the last line tells what is being worked on; in a log there are only the finished steps.
const live = process.stdout.isTTY;
let shown = false;
const timer = live ? setInterval(showProgress, 1000) : null;
timer?.unref();

function printLine(line) {
  clearProgress();
  console.log(line);
}

function clearProgress() {
  if (shown) process.stdout.write('\r\x1b[K');
  shown = false;
}

function showProgress() {
  if (!live) return;
  clearProgress();
  if (titles.size === 0) return;
  const text = `… ${[...titles].join(', ')}   ${Math.round((Date.now() - started) / 1000)} s`;
  process.stdout.write(text.slice(0, (process.stdout.columns ?? 80) - 1));
  shown = true;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (running.size === 0) return;
    for (const child of running) child.kill('SIGTERM');
    clearProgress();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}
