import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig, parseConfig } from './config.ts';

const parse = (text: string) => parseConfig(text, 'c.yaml');

test('a short config gets the defaults', () => {
  expect(parse('name: A\ndataset: { file: a.csv }\nmodels: [baseline/lead-3]\n')).toEqual({
    name: 'A',
    dataset: { file: 'a.csv', input: 'examples' },
    task: 'summarization',
    models: [{ model: 'baseline/lead-3' }],
    seed: 0,
  });
});

describe('what is wrong is named with its line', () => {
  const cases: [string, string, string][] = [
    ['unclosed bracket', 'name: A\ndataset: { file: a.csv\nmodels: [baseline/copy]\n', 'c.yaml:3:1: not valid YAML.'],
    ['the same key twice', 'name: A\nname: B\n', 'c.yaml:2:1: not valid YAML. Map keys must be unique.'],
    ['nothing in it', '', 'c.yaml: a config is a list of settings'],
    ['text alone', 'hello', 'c.yaml: a config is a list of settings'],
    [
      'an unknown key',
      'name: A\ndataset: { file: a.csv }\nmodels: [baseline/copy]\nmetrcs: [rouge]\n',
      'c.yaml:4: "metrcs" is not known here: did you mean "metrics"?',
    ],
    [
      'an unknown key within a model',
      'name: A\ndataset: { file: a.csv }\nmodels:\n  - baseline/copy\n  - model: m\n    base_url: http://127.0.0.1:1/v1\n    params:\n      temprature: 0\n',
      'c.yaml:8: models[1].params: "temprature" is not known here: did you mean "temperature"?',
    ],
    [
      'an unknown baseline',
      'name: A\ndataset: { file: a.csv }\nmodels:\n  - baseline/lead3\n',
      'c.yaml:4: models[0].model: "baseline/lead3" is not known here: did you mean "baseline/lead-3"?',
    ],
    ['a missing key', 'dataset: { file: a.csv }\nmodels: [baseline/copy]\n', 'c.yaml:1: name: This is missing.'],
    [
      'neither file nor name nor id',
      'name: A\ndataset: { input: text }\nmodels: [baseline/copy]\n',
      'c.yaml:2: dataset: Give a file, a name or an id',
    ],
  ];
  test.each(cases)('%s', (_, text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  });

  test('all problems at once, in the order of the file', () => {
    const text = 'name: A\nrows: 0\ndataset: { file: a.csv }\nmodels: []\n';
    expect(() => parse(text)).toThrow(/^c\.yaml:2: rows: .*\nc\.yaml:4: models: Name at least one model\.$/);
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-config-'));
    mkdirSync(join(folder, 'sub'));
    writeFileSync(
      join(folder, 'sub', 'c.yaml'),
      'name: A\ndataset: { file: ../data/a.csv }\nmodels: [baseline/copy]\n',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('the dataset is found from the config, wherever the command runs', () => {
    expect(loadConfig('sub/c.yaml', folder).dataset_file).toBe(join(folder, 'data', 'a.csv'));
  });

  test('a config that is not there is named by its whole path', () => {
    expect(() => loadConfig('sub/d.yaml', folder)).toThrow(`There is no config ${join(folder, 'sub', 'd.yaml')}.`);
  });

  test('a folder is not a config', () => {
    expect(() => loadConfig('sub', folder)).toThrow('is a folder');
  });
});
