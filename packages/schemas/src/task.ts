import { z } from 'zod';
import { object } from './common.ts';
import type { MetricName } from './metric.ts';
import type { MetricRef } from './metric-settings.ts';

const Language = z.string().trim().min(2).max(40);

export const Task = z.union(
  [
    z.literal('summarization'),
    z.literal('text-generation'),
    object({ translation: object({ source: Language, target: Language }) }),
  ],
  {
    error: 'Known tasks: summarization, text-generation, { translation: { source: en, target: de } }.',
  },
);
export type Task = z.infer<typeof Task>;

export const TaskName = z.enum(['summarization', 'translation', 'text-generation']);
export type TaskName = z.infer<typeof TaskName>;

export function taskName(task: Task): TaskName {
  return typeof task === 'string' ? task : 'translation';
}

/** What a task starts with; a person can change each part. */
export type TaskPreset = { prompt: string; metrics: MetricRef[]; primary_metric: MetricName };

/** The preset of a task for a dataset whose input column is `inputColumn`. */
export function taskPreset(task: Task, inputColumn: string): TaskPreset {
  const input = `{{${inputColumn}}}`;
  if (task === 'summarization') {
    return {
      prompt: `Summarize the following text in one or two sentences. Answer with the summary only.\n\n${input}`,
      metrics: ['rouge', 'bleu', 'chrf', 'length'],
      primary_metric: 'rougeL',
    };
  }
  if (task === 'text-generation') {
    return { prompt: input, metrics: ['rouge', 'chrf', 'exact_match', 'length'], primary_metric: 'rougeL' };
  }
  const { source, target } = task.translation;
  return {
    prompt: `Translate the following text from ${languageName(source)} to ${languageName(target)}. Answer with the translation only.\n\n${input}`,
    metrics: ['bleu', 'chrf', 'length'],
    primary_metric: 'chrf',
  };
}

/** `de` as `German`; a name stays as it is. */
export function languageName(language: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'language', fallback: 'code' }).of(language) ?? language;
  } catch {
    return language;
  }
}
