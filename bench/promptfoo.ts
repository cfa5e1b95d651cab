/** The same rows at the same endpoint with promptfoo, where it is installed (`npm install -g promptfoo`). */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startFakeLlm } from '../packages/fake-llm/src/index.ts';
import type { Result } from './report.ts';

const [ROWS, CONCURRENCY, LATENCY_MS] = [2000, 64, 200];
const run = promisify(execFile);

export async function comparePromptfoo(): Promise<Result[]> {
  try {
    await run('promptfoo', ['--version']);
  } catch {
    console.log('promptfoo is not installed: the comparison with it is skipped.');
    return [];
  }
  await using endpoint = await startFakeLlm({ latency_ms: LATENCY_MS });
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-promptfoo-'));
  try {
    const [config, output] = [join(folder, 'promptfooconfig.json'), join(folder, 'output.json')];
    const tests = Array.from({ length: ROWS }, (_, row) => ({ vars: { text: `Row ${row} came in. It was read.` } }));
    const provider = { id: 'openai:chat:m', config: { apiBaseUrl: endpoint.base_url, apiKey: 'none' } };
    writeFileSync(config, JSON.stringify({ prompts: ['{{text}}'], providers: [provider], tests }));
    const env = {
      ...process.env,
      PROMPTFOO_CONFIG_DIR: folder,
      PROMPTFOO_DISABLE_TELEMETRY: '1',
      PROMPTFOO_DISABLE_UPDATE: '1',
    };
    const from = performance.now();
    const flags = ['--no-cache', '--no-progress-bar', '--no-table', '--no-write', '-j', String(CONCURRENCY)];
    await run('promptfoo', ['eval', '-c', config, '-o', output, ...flags], { env, maxBuffer: 1e9 });
    const seconds = (performance.now() - from) / 1000;
    const { results } = JSON.parse(readFileSync(output, 'utf8')) as {
      results: { results: { latencyMs: number }[] };
    };
    const latencies = results.results.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
    return [
      {
        what: `promptfoo: ${ROWS} rows, ${LATENCY_MS} ms, ${CONCURRENCY} at once`,
        value: seconds,
        unit: 's',
        note: `its start included; it reports a latency of ${latencies[Math.floor(latencies.length / 2)]} ms (p50)`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
