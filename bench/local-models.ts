/** Models that run on the cluster: their tokens a second against a plain loop. Only where the extra hf is installed. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { programOf } from '../packages/local-stack/src/index.ts';
import type { Result } from './report.ts';

/** As much as handing out rows, journaling apart, may cost. */
const LEAST_SHARE = 0.95;

export async function measureLocalModels(): Promise<Result[]> {
  const python = findPython();
  if (python === null) {
    console.log('Local models were left out: the extra hf is not installed ("npm start -- --with hf").');
    return [];
  }
  console.log('Local models …');
  const { stdout } = await promisify(execFile)(python, [join(import.meta.dirname, 'local_models.py')]);
  const { plain, ours } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { plain: number; ours: number };
  return [
    {
      what: 'Local model, time per token',
      value: 1000 / ours,
      unit: 'ms',
      limit: 1000 / plain / LEAST_SHARE,
      note: `${ours.toFixed(0)} tokens/s, ${(ours / plain).toFixed(3)} of a plain loop of transformers; medians of 3`,
    },
  ];
}

function findPython(): string | null {
  for (const environment of ['jobs-hf', 'jobs-hf-test'] as const) {
    try {
      return programOf(environment, 'python');
    } catch {}
  }
  return null;
}
