#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/touchstone.mjs', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('The command line is not built yet: run "npm start" once, it builds everything.');
  process.exitCode = 1;
}
