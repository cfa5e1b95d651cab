/**
 * The user guide, and the page for those who come from Lumigator, run: on each page the files are written, and the blocks marked
 * `sh` run in order, in a folder like the clone, against the real server and Ray. Endpoints are a stand-in. A block under
 * `<!-- not run: … -->` is only checked: its syntax, and that our commands in it have their options.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type FakeLlm, startFakeLlm } from '@touchstone/fake-llm';
import { ROOT, type Stack, startStack } from '@touchstone/local-stack';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 300_000 });

const DOCS = join(ROOT, 'docs');
/** What a model's address may be in the guide: all of them are the stand-in here. */
const ENDPOINTS = /https?:\/\/(?:127\.0\.0\.1:(?:11434|8000|8080|1234)|api\.openai\.com)\/v1/g;
/** Started by the test itself. */
const START = /^(?:[A-Z_]+=\S+ )*npm start\b.*$/gm;
/** A command of ours with its options. */
const OURS = /(npm start|npx touchstone [a-z]+(?: [a-z]+(?:-[a-z]+)*\b(?!\.)){0,2})(.*)/g;

/** In shell: the newest thing's id, where the guide says ID. */
const PRELUDE = `set -e -o pipefail
newest() { npx touchstone "$1" list --limit 1 --json | node -p 'JSON.parse(fs.readFileSync(0)).at(0).id'; }
`;

type Block = { language: string; file: string | undefined; text: string; notRun: boolean };

function blocksOf(page: string): Block[] {
  const markdown = readFileSync(join(DOCS, page), 'utf8');
  return [...markdown.matchAll(/(<!-- not run: [^\n]+ -->\n+)?^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(
    ([, notRun, language, file, text]) => ({ language: language!, file, text: text!, notRun: notRun !== undefined }),
  );
}

const pages = [...readdirSync(join(DOCS, 'guide')).map((name) => `guide/${name}`), 'lumigator.md'];

let folder: string;
let stack: Stack;
let endpoint: FakeLlm;

const bash = (script: string, env: NodeJS.ProcessEnv = process.env) =>
  promisify(execFile)('bash', ['-c', script], { cwd: folder, env }).catch((error: Error & { stdout?: string }) => {
    throw new Error(`${error.message}\n${error.stdout ?? ''}`);
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-guide-'));
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
  const bin = join(folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  const main = join(ROOT, 'packages', 'cli', 'src', 'main.ts');
  writeFileSync(join(bin, 'touchstone'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(bin, 'touchstone'), 0o755);
  [endpoint, stack] = await Promise.all([
    startFakeLlm(),
    startStack({ home: join(folder, '.touchstone'), web: 'none' }),
  ]);
  await Promise.all([stack.ready.ray, stack.ready.mlflow]);
}, 240_000);

afterAll(async () => {
  await endpoint?.stop();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe.each(pages)('%s', (page) => {
  const blocks = blocksOf(page);
  const commands = blocks.filter(({ language, notRun }) => language === 'sh' && !notRun);
  const unrun = blocks.filter(({ language, notRun }) => language === 'sh' && notRun);

  if (commands.length > 0)
    test('its commands run', async () => {
      for (const { file, text } of blocks)
        if (file) writeFileSync(join(folder, file), text.replaceAll(ENDPOINTS, endpoint.base_url));
      const script = commands
        .map(({ text }) =>
          text
            .replaceAll(START, ': started')
            .replaceAll('http://127.0.0.1:4300', stack.url)
            .replaceAll(/((?:touchstone |\/api\/)(\w+)\b.*)\bID\b/g, '$1$(newest $2)'),
        )
        .join('\n');
      await bash(`${PRELUDE}set -x\n${script}`, {
        ...process.env,
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
        TOUCHSTONE_URL: '',
        TOUCHSTONE_API_KEY: '',
        OPENAI_API_KEY: 'sk-of-the-guide-0123456789',
        npm_config_update_notifier: 'false',
      });
    });

  test('its syntax, options and links are right', async () => {
    for (const { text } of [...commands, ...unrun]) {
      await bash(`bash -n <<'END_OF_BLOCK'\n${text}\nEND_OF_BLOCK`);
    }
    const used = [...commands, ...unrun].flatMap(({ text }) => [...text.matchAll(OURS)]);
    for (const [, command, rest] of used) {
      const options = rest!.match(/--[a-z][\w-]+/g) ?? [];
      if (options.length === 0) continue;
      const help = command === 'npm start' ? `node ${ROOT}/scripts/start.mjs` : command;
      const { stdout } = await bash(`${help} --help`);
      for (const option of options) expect(stdout).toContain(option);
    }
    const links = [...readFileSync(join(DOCS, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, to]) => to!,
    );
    expect(links.filter((to) => !existsSync(join(DOCS, dirname(page), to)))).toEqual([]);
  });
});
