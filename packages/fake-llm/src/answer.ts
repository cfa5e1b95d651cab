/** What the fake says: short, and the same for the same prompt. Pure. */
import { createHash } from 'node:crypto';
import { type Behaviour, withoutMarker } from './behaviour.ts';

export type Answer = {
  text: string | null;
  reasoning: string | null;
  prompt_tokens: number;
  completion_tokens: number;
  reasoning_tokens: number;
};

export function makeAnswer(
  prompt: string,
  { kind, words, score }: Behaviour,
  request: Record<string, unknown>,
): Answer {
  const schema = schemaOf(request);
  const isMisshapen = kind === 'misshapen' || (kind === 'misshapen-once' && !prompt.includes('earlier reply'));
  const summary =
    kind === 'echo'
      ? prompt
      : schema && !isMisshapen
        ? JSON.stringify(fit(schema, prompt, score))
        : words === null
          ? summarize(withoutMarker(prompt))
          : Array(words).fill('word').join(' ');
  const reasoning = 'Let me think about this.';
  const text = kind === 'empty' ? '' : kind === 'null' ? null : kind === 'huge' ? 'x'.repeat(50_000_000) : summary;
  const thinks = kind === 'reasoning' || kind === 'think';
  const reasoning_tokens = thinks ? countTokens(reasoning) : 0;
  return {
    text: kind === 'think' ? `<think>${reasoning}</think>${summary}` : text,
    reasoning: kind === 'reasoning' ? reasoning : null,
    prompt_tokens: countTokens(prompt),
    completion_tokens: countTokens(text ?? '') + reasoning_tokens,
    reasoning_tokens,
  };
}

type Schema = { type: string; enum?: unknown[]; properties?: Record<string, Schema> };

/** The shape that a request asks for, by either protocol. */
function schemaOf(request: Record<string, unknown>): Schema | undefined {
  const { response_format, output_config } = request as {
    response_format?: { json_schema?: { schema?: Schema } };
    output_config?: { format?: { schema?: Schema } };
  };
  return response_format?.json_schema?.schema ?? output_config?.format?.schema;
}

/** A value of the shape: texts say what the prompt begins with, choices and numbers are drawn by its hash. */
function fit(schema: Schema, prompt: string, score: number | null): unknown {
  const drawn = createHash('sha256').update(prompt).digest().readUInt32BE() / 2 ** 32;
  if (schema.properties) {
    const fields = Object.entries(schema.properties);
    return Object.fromEntries(
      fields.map(([name, of]) => [name, name === 'score' && score !== null ? score : fit(of, prompt, null)]),
    );
  }
  if (schema.enum) return schema.enum[Math.floor(drawn * schema.enum.length)];
  if (schema.type === 'number' || schema.type === 'integer') return Math.round(drawn * 100) / 100;
  return `It reads: ${summarize(withoutMarker(prompt))}`;
}

/** The first sentence of the prompt's last paragraph, at most 30 words. */
function summarize(prompt: string): string {
  const paragraph = prompt.split(/\n\s*\n/).at(-1) ?? '';
  const sentence = paragraph.match(/^.*?[.!?](?=\s|$)/s)?.[0] ?? paragraph;
  return sentence.replaceAll('\n', ' ').split(' ').slice(0, 30).join(' ');
}

function countTokens(text: string): number {
  return text.length > 1_000_000 ? text.length / 4 : text.trim() ? text.trim().split(/\s+/).length : 0;
}

/** Pieces as a model would send them: each word with the space before it. */
export function pieces(text: string): string[] {
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
}
