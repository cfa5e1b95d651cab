import type { Dataset, ExperimentExportFormat, ExportFormat } from '@touchstone/schemas';
import { fromFetchError, fromResponse, notTouchstone } from './errors.ts';

export type Upload = {
  /** Left out: made from the file's name. */
  name?: string;
  filename: string;
  /** The bytes of a file: CSV, JSON Lines or Parquet. */
  body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Uint8Array<ArrayBuffer> | Blob | string;
  signal?: AbortSignal;
};

type Options = { signal?: AbortSignal };

export type Files = {
  /** Stores a file as a dataset, streamed. @throws TouchstoneError naming the line that is wrong, or 413 where it is too large */
  uploadDataset: (upload: Upload) => Promise<Dataset>;
  /** The bytes as they were uploaded, or as CSV whatever was uploaded. */
  downloadDataset: (id: string, options?: Options & { as?: 'source' | 'csv' }) => Promise<ReadableStream<Uint8Array>>;
  /** One line per row and workflow; or the comparison with its recommendation and slices, as JSON. */
  exportExperiment: (
    id: string,
    format: ExperimentExportFormat,
    options?: Options,
  ) => Promise<ReadableStream<Uint8Array>>;
  /** A job's `result.json`: aggregates, versions, signatures. @throws TouchstoneError while there is none */
  jobResult: (id: string, options?: Options) => Promise<ReadableStream<Uint8Array>>;
  /** One line per row of a job, while it runs too. */
  jobRows: (id: string, format: ExportFormat, options?: Options) => Promise<ReadableStream<Uint8Array>>;
  /** The text that the job's driver printed, over all attempts, so far. */
  jobLog: (id: string, options?: Options) => Promise<ReadableStream<Uint8Array>>;
};

/** The routes that carry files, beside the procedures. */
export function createFiles({
  url,
  headers,
  fetch,
}: {
  url: string;
  headers: Record<string, string>;
  fetch: typeof globalThis.fetch;
}): Files {
  async function request(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string>; duplex?: 'half' },
  ): Promise<Response> {
    const response = await fetch(`${url}${path}`, { ...init, headers: { ...init.headers, ...headers } }).catch(
      (error) => {
        throw fromFetchError(error, url);
      },
    );
    if (!response.ok) throw await fromResponse(response, url);
    return response;
  }

  async function download(path: string, { signal }: Options = {}): Promise<ReadableStream<Uint8Array>> {
    const { body } = await request(path, { signal: signal ?? null });
    return body ?? new Blob([]).stream();
  }

  const segment = encodeURIComponent;
  return {
    async uploadDataset({ name, filename, body, signal }) {
      const query = new URLSearchParams({ filename, ...(name === undefined ? {} : { name }) });
      const response = await request(`/api/datasets?${query.toString()}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        // Node sends any sequence of bytes; the types of a browser do not say so.
        body: body as RequestInit['body'],
        duplex: 'half',
        signal: signal ?? null,
      });
      // As of the procedures, not parsed: a newer server may say more than this client knows.
      return (await response.json().catch(() => {
        throw notTouchstone(url, response.status);
      })) as Dataset;
    },
    downloadDataset: (id, options) =>
      download(`/api/datasets/${segment(id)}/download?as=${options?.as ?? 'source'}`, options),
    exportExperiment: (id, format, options) =>
      download(`/api/experiments/${segment(id)}/export?format=${format}`, options),
    jobResult: (id, options) => download(`/api/jobs/${segment(id)}/result`, options),
    jobRows: (id, format, options) => download(`/api/jobs/${segment(id)}/rows?format=${format}`, options),
    jobLog: (id, options) => download(`/api/jobs/${segment(id)}/log`, options),
  };
}
