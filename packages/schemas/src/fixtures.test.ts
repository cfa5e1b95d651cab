/** The examples in fixtures/ are parsed here and by the jobs' Pydantic models (jobs/tests/test_files.py): both sides read the same files. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ComparisonSpec, Control, JobResult, JobSpec, JournalLine, Progress } from './job-files.ts';
import { promptColumns, renderPrompt } from './prompt.ts';

const SCHEMAS: Record<string, z.ZodType> = {
  'inference-spec': JobSpec,
  'baseline-spec': JobSpec,
  'local-spec': JobSpec,
  'evaluation-spec': JobSpec,
  'evaluation-of-journal-spec': JobSpec,
  'evaluation-of-column-spec': JobSpec,
  'judging-spec': JobSpec,
  control: Control,
  'journal-line': z.array(JournalLine),
  progress: Progress,
  'progress-starting': Progress,
  'inference-result': JobResult,
  'evaluation-result': JobResult,
  'judging-result': JobResult,
  'comparison-spec': JobSpec,
  'comparison-spec-alone': JobSpec,
  'comparison-result': JobResult,
};

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
}

describe('job files', () => {
  it.each(Object.entries(SCHEMAS))('%s parses to itself', (name, schema) => {
    const fixture = readFixture(name);
    expect(schema.parse(fixture)).toEqual(fixture);
  });

  it.each(Object.entries(SCHEMAS))('%s with a key too many is refused', (name, schema) => {
    const fixture = readFixture(name);
    const [one] = Array.isArray(fixture) ? fixture : [fixture];
    const longer = { ...one, unheard_of: 1 };
    expect(schema.safeParse(Array.isArray(fixture) ? [longer] : longer).success).toBe(false);
  });

  it('a comparison that an earlier version was told to make has the file of one evaluation', () => {
    const spec = readFixture('comparison-spec-alone') as ComparisonSpec;
    const workflows = spec.workflows.map((workflow) => ({ ...workflow, scores: workflow.scores[0] }));
    expect(JobSpec.parse({ ...spec, workflows })).toEqual(spec);
  });

  it('a spec of another version is refused', () => {
    expect(JobSpec.safeParse({ ...(readFixture('inference-spec') as object), version: 2 }).success).toBe(false);
  });
});

const PromptCase = z.array(
  z.strictObject({
    name: z.string(),
    template: z.string(),
    row: z.record(z.string(), z.string()),
    columns: z.array(z.string()),
    text: z.string(),
  }),
);

describe('prompts', () => {
  it.each(PromptCase.parse(readFixture('prompt')))('$name', ({ template, row, columns, text }) => {
    expect(promptColumns(template)).toEqual(columns);
    expect(renderPrompt(template, row)).toBe(text);
  });
});
