import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';

/** A streamed answer: what comes at once, what takes time, what ends it. Each is text of server-sent events. */
export type Stream = { head: string[]; tokens: string[]; tail: string[] };

/** How one protocol says things. */
export type Dialect = {
  key: (headers: IncomingHttpHeaders) => string | undefined;
  whole: (id: string, model: string, answer: Answer) => object;
  stream: (id: string, model: string, answer: Answer, request: Record<string, unknown>) => Stream;
  error: (status: number, message: string) => object;
  /** In the middle of a stream. */
  streamError: (status: number, message: string) => string;
};
