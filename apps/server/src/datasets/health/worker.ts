/** Looks at a dataset in a thread of its own, so that the server's pages need not wait for it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { HealthFacts } from './facts.ts';
import { type ScanRequest, scanDataset } from './scan.ts';

export type WorkerMessage = { rows_read: number } | { facts: HealthFacts };

const tell = (message: WorkerMessage) => parentPort!.postMessage(message);
tell({ facts: await scanDataset(workerData as ScanRequest, (rows_read) => tell({ rows_read })) });
