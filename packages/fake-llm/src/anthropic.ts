/** Anthropic's messages, whole and as a stream. Pure. */
import { type Answer, pieces } from './answer.ts';
import type { Dialect } from './dialect.ts';

const event = (type: string, value: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;

const blocksOf = ({ text, reasoning }: Answer) => [
  ...(reasoning ? [{ type: 'thinking', thinking: reasoning, signature: 'none' }] : []),
  ...(text === null ? [] : [{ type: 'text', text }]),
];

const messageOf = (id: string, model: string, { prompt_tokens }: Answer) => ({
  id,
  type: 'message',
  role: 'assistant',
  model,
  content: [] as object[],
  stop_reason: null as string | null,
  stop_sequence: null,
  usage: { input_tokens: prompt_tokens, output_tokens: 1 },
});

export const anthropic: Dialect = {
  key: (headers) => headers['x-api-key'] as string | undefined,

  whole: (id, model, answer) => ({
    ...messageOf(id, model, answer),
    content: blocksOf(answer),
    stop_reason: 'end_turn',
    usage: { input_tokens: answer.prompt_tokens, output_tokens: answer.completion_tokens },
  }),

  stream: (id, model, answer) => ({
    head: [event('message_start', { message: messageOf(id, model, answer) }), event('ping', {})],
    tokens: blocksOf(answer).flatMap((block, index) => {
      const isText = block.type === 'text';
      const text = ('text' in block ? block.text : block.thinking) ?? '';
      const deltas = pieces(text).map((piece) =>
        event('content_block_delta', {
          index,
          delta: isText ? { type: 'text_delta', text: piece } : { type: 'thinking_delta', thinking: piece },
        }),
      );
      const empty = isText ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' };
      const start = event('content_block_start', { index, content_block: empty });
      const stop = event('content_block_stop', { index });
      // With the first and the last token: a token is what takes time.
      return deltas.length === 0
        ? [start + stop]
        : deltas.map((delta, i) => (i === 0 ? start : '') + delta + (i === deltas.length - 1 ? stop : ''));
    }),
    tail: [
      event('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: answer.completion_tokens },
      }),
      event('message_stop', {}),
    ],
  }),

  error: (status, message) => ({
    type: 'error',
    error: { type: status === 529 ? 'overloaded_error' : 'api_error', message },
  }),
  streamError: (_status, message) => event('error', { error: { type: 'overloaded_error', message } }),
};
