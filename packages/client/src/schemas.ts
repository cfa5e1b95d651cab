/** The zod schemas that the server checks with: an app checks its forms and files by the same. */
export * from '@touchstone/schemas';
