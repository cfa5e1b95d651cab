/** OpenAI's chat completions, whole and as a stream. Pure. */
import { type Answer, pieces } from './answer.ts';
import type { Dialect } from './dialect.ts';

const usageOf = ({ prompt_tokens, completion_tokens, reasoning_tokens }: Answer) => ({
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
  ...(reasoning_tokens && { completion_tokens_details: { reasoning_tokens } }),
});

const data = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

export const openai: Dialect = {
  key: ({ authorization }) => authorization?.replace(/^Bearer /, ''),

  whole: (id, model, answer) => ({
    id,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text,
          ...(answer.reasoning && { reasoning_content: answer.reasoning }),
        },
        finish_reason: 'stop',
      },
    ],
    usage: usageOf(answer),
  }),

  stream: (id, model, answer, request) => {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      data({
        id,
        object: 'chat.completion.chunk',
        created: Math.floor(Date.now() / 1000),
        model,
        choices: [{ index: 0, delta, finish_reason }],
      });
    const { include_usage } = (request.stream_options ?? {}) as { include_usage?: boolean };
    return {
      head: [chunk({ role: 'assistant', content: '' })],
      tokens: [
        ...pieces(answer.reasoning ?? '').map((reasoning_content) => chunk({ reasoning_content })),
        ...pieces(answer.text ?? '').map((content) => chunk({ content })),
      ],
      tail: [
        chunk({}, 'stop'),
        ...(include_usage ? [data({ id, object: 'chat.completion.chunk', choices: [], usage: usageOf(answer) })] : []),
        data('[DONE]'),
      ],
    };
  },

  error: (status, message) => ({ error: { message, type: 'scripted', code: status } }),
  streamError: (status, message) => data({ error: { message, type: 'scripted', code: status } }),
};
