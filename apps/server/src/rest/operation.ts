import type { z } from 'zod';

/** What the OpenAPI document says of a route below /api. Its method, address and scope are the route's own. */
export type Operation = {
  /** `datasets.list`: the noun and what is done, unique. */
  id: string;
  summary: string;
  /** Every field; those that the address names come from there. The others are the query of GET and DELETE, and of an upload, else the body. */
  input: z.ZodObject | null;
  /** The body is a file of any kind. */
  takes_file?: true;
  /** With 200. `files`: the content types of a file that comes back, perhaps after a redirect to storage. */
  output: { status: 200 | 201; shape: z.ZodType } | { status: 204 } | { status: 200; files: string[] };
};

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
  }
}
