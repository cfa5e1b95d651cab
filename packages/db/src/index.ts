export * from './client.ts';
export * from './datasets.ts';
export * from './experiments.ts';
export * from './jobs.ts';
export * from './listen.ts';
export * from './migrate.ts';
export * from './outbox.ts';
export * from './requests.ts';
