import { Dataset } from '@touchstone/schemas';
import { refusalMessage } from '@/lib/refusal.ts';

export type UploadProgress = { sent: number; total: number };

/** Sends a CSV, JSON Lines or Parquet file. Throws an Error whose message says what is wrong with the file; nothing is kept then. */
export function uploadFile(
  file: File,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: UploadProgress) => void },
): Promise<Dataset> {
  // XMLHttpRequest, since fetch does not tell how much of a body was sent.
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded }) => onProgress({ sent: loaded, total: file.size });
    request.upload.onload = () => onProgress({ sent: file.size, total: file.size });
    request.onload = () => {
      try {
        resolve(readAnswer(request.status, request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () =>
      reject(
        new Error('The connection broke off. Nothing was kept of the file: see that Touchstone runs, then try again.'),
      );
    request.onabort = () => reject(new DOMException('Cancelled', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.open('PUT', `/api/datasets?filename=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}

/** The dataset in an answer, or an Error with the server's words. */
export function readAnswer(status: number, body: string): Dataset {
  if (status === 201) return Dataset.parse(JSON.parse(body));
  const message = refusalMessage(body);
  if (message) throw new Error(message);
  if (status === 401) throw new Error('You are signed out. Sign in again, then upload the file once more.');
  if (status === 413) throw new Error('The file is larger than this Touchstone accepts. Nothing was kept of it.');
  throw new Error(`The server answered with status ${status}. Nothing was kept of the file: try again.`);
}
