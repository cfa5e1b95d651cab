import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ExperimentConfig, explainError } from '@touchstone/schemas';
import { isMap, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { z } from 'zod';
import { BadInput } from '../failure.ts';

export type LoadedConfig = {
  config: ExperimentConfig;
  /** Absolute path of the dataset's file; null where the config names an uploaded dataset. */
  dataset_file: string | null;
};

/** Reads and checks a config. @throws BadInput with file, line and what to write instead */
export function loadConfig(file: string, cwd: string): LoadedConfig {
  const path = resolve(cwd, file);
  const config = parseConfig(readConfigFile(path), file);
  return {
    config,
    dataset_file: config.dataset.file === undefined ? null : resolve(dirname(path), config.dataset.file),
  };
}

function readConfigFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new BadInput(`There is no config ${path}.`);
    if (code === 'EISDIR') throw new BadInput(`${path} is a folder: name the config in it.`);
    throw new BadInput(`The config could not be read: ${message}`);
  }
}

/** `file` is only for messages. */
export function parseConfig(text: string, file: string): ExperimentConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problem = document.errors[0];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    // The library repeats the place before it shows the lines.
    const message = problem.message.replace(/ at line \d+, column \d+:/, '.').trimEnd();
    throw new BadInput(`${file}:${line}:${col}: not valid YAML. ${message}`);
  }
  const root = document.contents;
  if (!isMap(root))
    throw new BadInput(
      `${file}: a config is a list of settings such as "name: My experiment"; see examples/summarization.yaml.`,
    );
  const parsed = ExperimentConfig.safeParse(document.toJS(), { error: explainMissing });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .map((issue) => ({
      line: lines.linePos(findOffset(root, issue)).line,
      text: explainError(new z.ZodError([issue])),
    }))
    .sort((a, b) => a.line - b.line);
  throw new BadInput(problems.map(({ line, text }) => `${file}:${line}: ${text}`).join('\n'));
}

const explainMissing: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'invalid_type' && issue.input === undefined ? 'This is missing.' : undefined;

/** Where in the file an issue is: an unknown key itself, else the value, else the innermost part that is there. */
function findOffset(root: ParsedNode, issue: z.core.$ZodIssue): number {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  let node: ParsedNode | null = root;
  let offset = root.range[0];
  for (const key of [...issue.path, ...unknown]) {
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const pair: { key: ParsedNode; value: ParsedNode | null } | undefined = node.items.find(
        (item) => item.key.toJSON() === key,
      );
      if (!pair) break;
      offset = pair.key.range[0];
      node = pair.value;
    } else {
      const item: unknown = (node as { get?: (key: unknown, keepNode: true) => unknown } | null)?.get?.(key, true);
      if (!isParsedNode(item)) break;
      node = item;
      offset = item.range[0];
    }
  }
  return offset;
}

function isParsedNode(value: unknown): value is ParsedNode {
  return typeof value === 'object' && value !== null && Array.isArray((value as { range?: unknown }).range);
}
