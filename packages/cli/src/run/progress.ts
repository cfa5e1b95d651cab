import type { Experiment, Workflow } from '@touchstone/schemas';
import { type Output, styleOf, type Terminal, widthOf, writeLine } from '../terminal.ts';
import { formatSeconds, formatTimeOfDay } from '../text/numbers.ts';
import type { Style } from '../text/style.ts';
import { pad } from '../text/table.ts';
import { cutText, oneLine, textWidth } from '../text/width.ts';
import { isOver } from './result.ts';

const BAR = 20;
const PLAIN_EVERY_MS = 5000;

/** What a workflow is doing, in a word or two. */
export function stageOf(workflow: Workflow): string {
  if (isOver(workflow.status)) return `${workflow.status} in ${formatSeconds(workflow.seconds.total)}`;
  if (workflow.stage === 'evaluation') return 'scoring';
  const job = workflow.jobs.findLast((one) => one.kind === 'inference');
  if (job?.status === 'pending') return 'starting';
  return job?.status === 'running' ? 'answering' : 'waiting';
}

/** Green: answered, red: failed, yellow: will not run, thin: to come. */
function bar({ rows }: Workflow, style: Style): string {
  const total = Math.max(1, rows.total);
  const upTo = (count: number) => Math.floor((BAR * count) / total);
  const answered = upTo(rows.answered);
  const failed = upTo(rows.answered + rows.failed);
  const over = rows.total === 0 ? 0 : upTo(rows.total - rows.pending);
  return (
    style.green('━'.repeat(answered)) +
    style.red('━'.repeat(failed - answered)) +
    style.yellow('╌'.repeat(over - failed)) +
    style.dim('─'.repeat(BAR - over))
  );
}

const waiting = (reason: string, next_call_at: number | null) =>
  oneLine(reason) + (next_call_at === null ? '' : `; next try ${formatTimeOfDay(next_call_at)}`);

/** One line per workflow: bar, rows, state, rate, what failed and why it waits. */
export function progressLines({ workflows }: Experiment, style: Style): string[] {
  const nameWidth = Math.min(30, Math.max(...workflows.map((workflow) => textWidth(oneLine(workflow.name)))));
  return workflows.map((workflow) => {
    const { total, answered, failed, not_run } = workflow.rows;
    const parts = [
      `${answered + failed}/${total}`.padStart(`${total}/${total}`.length),
      stageOf(workflow),
      ...(workflow.stage !== null && workflow.rows_per_second ? [`${workflow.rows_per_second.toFixed(1)} rows/s`] : []),
      ...(failed > 0 ? [style.red(`${failed} failed`)] : []),
      ...(not_run > 0 ? [style.yellow(`${not_run} not run`)] : []),
      ...(workflow.reason && !isOver(workflow.status)
        ? [style.dim(waiting(workflow.reason, workflow.next_call_at))]
        : []),
    ];
    return `${pad(cutText(oneLine(workflow.name), nameWidth), nameWidth)}  ${bar(workflow, style)}  ${parts.join('  ')}`;
  });
}

export type ProgressView = {
  show: (experiment: Experiment) => void;
  /** A line of its own between the progress. */
  note: (text: string) => void;
  /** Leaves what is there; the next output goes below. */
  end: () => void;
};

/** Redrawn in place on a terminal; elsewhere, what changed every few seconds. */
export function createProgressView(output: Output, env: Terminal['env'], now: () => number = Date.now): ProgressView {
  const style = styleOf(output, env);
  return output.isTTY && env.TERM !== 'dumb' ? liveView(output, style) : plainView(output, style, now);
}

function liveView(output: Output, style: Style): ProgressView {
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  return {
    show(experiment) {
      const room = Math.max(1, (output.rows ?? 24) - 2);
      const all = progressLines(experiment, style);
      const lines = all.length <= room ? all : [...all.slice(0, room - 1), `… and ${all.length - room + 1} more`];
      erase();
      output.write(lines.map((line) => `${fitLine(line, widthOf(output))}\n`).join(''));
      drawn = lines.length;
    },
    note(text) {
      erase();
      writeLine(output, text);
    },
    end() {
      drawn = 0;
    },
  };
}

function plainView(output: Output, style: Style, now: () => number): ProgressView {
  let printed: string[] = [];
  let at = Number.NEGATIVE_INFINITY;
  return {
    show(experiment) {
      if (now() - at < PLAIN_EVERY_MS && !isOver(experiment.status)) return;
      const lines = progressLines(experiment, style);
      for (const [i, line] of lines.entries()) if (line !== printed[i]) writeLine(output, line);
      printed = lines;
      at = now();
    },
    note: (text) => writeLine(output, text),
    end: () => {},
  };
}

/** A styled line that does not wrap: where it is too wide it loses its colours and its end. */
function fitLine(line: string, width: number): string {
  if (textWidth(line) < width) return line;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences that style.ts writes
  return cutText(line.replace(/\x1b\[\d+m/g, ''), width - 1);
}
