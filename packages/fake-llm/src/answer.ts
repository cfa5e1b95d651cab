/** What the fake says: short, and the same for the same prompt. Pure. */
import { type Behaviour, withoutMarker } from './behaviour.ts';

export type Answer = {
  text: string | null;
  reasoning: string | null;
  prompt_tokens: number;
  completion_tokens: number;
  reasoning_tokens: number;
};

export function makeAnswer(prompt: string, { kind, words }: Behaviour): Answer {
  const summary = words === null ? summarize(withoutMarker(prompt)) : Array(words).fill('word').join(' ');
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
