/**
 * The numbers that Touchstone promises, measured on a fresh stack in one run and printed beside their limits.
 * Exit code 0 also where a limit is missed: how fast a machine is and what else it does is not for a test to judge.
 */
import { cpus, loadavg } from 'node:os';
import { makeHome, NPM_START, removeHome, type Stack, startStack } from '../e2e/support/stack.ts';
import { measureComparisons } from './comparison.ts';
import { measureDatasets } from './datasets.ts';
import { measureHealth } from './health.ts';
import { measureInferenceJobs } from './inference.ts';
import { measureLists } from './lists.ts';
import { measureLive } from './live.ts';
import { measureLocalModels } from './local-models.ts';
import { measureMemory, printMemory } from './memory.ts';
import { median, printTable, type Result } from './report.ts';
import { measureInference, measureSmallExperiment } from './runs.ts';
import { measureUsablePage } from './start.ts';

const RUNS = 3;
const IDLE_S = 20;

const home = makeHome();
let stack = null as Stack | null;
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());

try {
  process.exitCode = await bench();
} catch (error) {
  console.error(`\nCould not measure: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await stack?.stop();
  removeHome(home);
}

async function bench(): Promise<number> {
  console.log(
    `\n${cpus().length} CPUs (${cpus()[0]?.model.trim()}), load ${loadavg()[0]!.toFixed(1)} before the start.`,
  );
  // Each on a server of its own, before there is another.
  const results: Result[] = [
    ...(await measureLive(stopping.signal)),
    ...(await measureLists(stopping.signal)),
    ...(await measureDatasets()),
    ...(await measureHealth()),
    ...(await measureComparisons()),
    ...(await measureInferenceJobs()),
    ...(await measureLocalModels()),
  ];
  stack = await startStack(home, NPM_START);
  await untilAllServicesRun(stack);

  const inference = await repeat('500 rows against an endpoint', (run) => measureInference(stack!, run));
  results.push(median(inference.map(({ seconds }) => seconds)), median(inference.map(({ scoring }) => scoring)));
  results.push(median(await repeat('10 rows of a baseline', (run) => measureSmallExperiment(stack!, run))));

  console.log(`Idle for ${IDLE_S} s …`);
  const memory = await measureMemory(stack, IDLE_S, stopping.signal);
  await stack.stop();
  stack = null;
  const start = await measureUsablePage(home);
  stack = start.stack;
  results.push(start.result);

  printTable(results);
  printMemory(memory);
  console.log(
    `\nLoad ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')} over the last 1, 5 and 15 minutes.`,
  );
  return 0;
}

async function repeat<T>(what: string, measure: (run: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let run = 1; run <= RUNS; run++) {
    stopping.signal.throwIfAborted();
    console.log(`${what}, ${run} of ${RUNS} …`);
    results.push(await measure(run));
  }
  return results;
}

async function untilAllServicesRun({ client }: Stack): Promise<void> {
  const until = Date.now() + 180_000;
  while (true) {
    stopping.signal.throwIfAborted();
    const { services } = await client.status.get.query();
    const missing = Object.entries(services).filter(([, { state }]) => state !== 'ok');
    if (missing.length === 0) return;
    if (Date.now() > until) throw new Error(`${missing.map(([name]) => name).join(', ')} did not start within 180 s.`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
