import type { TaskName } from '@touchstone/schemas';

export const TASK_LABELS: Record<TaskName, string> = {
  summarization: 'Summarization',
  translation: 'Translation',
  'text-generation': 'Text generation',
};
