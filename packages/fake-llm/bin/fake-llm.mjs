#!/usr/bin/env node
/** Runs src/main.ts: with this Node where it strips types, else with the one that `npm start` installed in the clone. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/main.ts', import.meta.url);
if (process.features.typescript) {
  await import(main.href);
} else {
  const name = `node-${process.platform}-${process.arch}`;
  const node = fileURLToPath(new URL(`../../../tools/node_modules/${name}/bin/node`, import.meta.url));
  if (!existsSync(node)) {
    console.error(`fake-llm needs Node 24; this is ${process.version}. Run "npm start" once, it installs one.`);
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}
