import { z } from 'zod';

/** A logic-less template: `{{column}}` stands for the row's value, put in as it is, in a single pass. */
export const Prompt = z.string().min(1, 'The prompt is empty.').max(200_000, 'At most 200,000 characters.');

const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** The columns a template names, each once, in order. */
export function promptColumns(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map((match) => match[1]!))];
}

/** The text for one row. A value that itself contains `{{x}}` stays as it is. Throws where a column is not in the row. */
export function renderPrompt(template: string, row: Readonly<Record<string, string>>): string {
  return template.replace(PLACEHOLDER, (_, column: string) => {
    if (!Object.hasOwn(row, column))
      throw new Error(`The prompt names the column "${column}", which the dataset does not have.`);
    return row[column]!;
  });
}
