'use client';

import { useQueryClient } from '@tanstack/react-query';
import type { Dataset } from '@touchstone/schemas';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { uploadFile } from './upload-file.ts';

export type Upload = { id: number; filename: string; size: number } & (
  | { state: 'waiting' }
  | { state: 'sending'; sent: number }
  | { state: 'done'; dataset: Dataset }
  | { state: 'failed'; message: string }
);

type Uploads = {
  uploads: readonly Upload[];
  /** Uploads the files one after another; goes on while other pages are shown. */
  add: (files: Iterable<File>) => void;
  /** Takes it off the list; one under way is broken off. */
  remove: (id: number) => void;
  /** Takes the upload of a dataset that is deleted off the list. */
  forget: (datasetId: string) => void;
};

const Context = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(Context);
  if (!uploads) throw new Error('useUploads belongs inside UploadsProvider.');
  return uploads;
}

export function UploadsProvider({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const files = useRef(new Map<number, File>());
  const current = useRef<{ id: number; abort: AbortController } | null>(null);
  const lastId = useRef(0);

  const add = useCallback((added: Iterable<File>) => {
    const waiting = [...added].map((file): Upload => {
      const id = ++lastId.current;
      files.current.set(id, file);
      return { id, filename: file.name, size: file.size, state: 'waiting' };
    });
    setUploads((list) => [...list, ...waiting]);
  }, []);

  const remove = useCallback((id: number) => {
    if (current.current?.id === id) current.current.abort.abort();
    files.current.delete(id);
    setUploads((list) => list.filter((upload) => upload.id !== id));
  }, []);

  const forget = useCallback((datasetId: string) => {
    setUploads((list) => list.filter((upload) => upload.state !== 'done' || upload.dataset.id !== datasetId));
  }, []);

  const next = uploads.find(({ state }) => state === 'waiting')?.id;
  const sending = uploads.some(({ state }) => state === 'sending');
  useEffect(() => {
    if (next === undefined || sending || current.current) return;
    const file = files.current.get(next)!;
    const abort = new AbortController();
    current.current = { id: next, abort };
    const base = { id: next, filename: file.name, size: file.size };
    const show = (upload: Upload) => setUploads((list) => list.map((old) => (old.id === next ? upload : old)));
    show({ ...base, state: 'sending', sent: 0 });
    uploadFile(file, { signal: abort.signal, onProgress: ({ sent }) => show({ ...base, state: 'sending', sent }) })
      .then(
        (dataset) => {
          show({ ...base, state: 'done', dataset });
          void queryClient.invalidateQueries(trpc.datasets.list.pathFilter());
        },
        (error: Error) => show({ ...base, state: 'failed', message: error.message }),
      )
      .finally(() => {
        files.current.delete(next);
        current.current = null;
        // Draws again, so that the one after it begins.
        setUploads((list) => [...list]);
      });
  }, [next, sending, queryClient, trpc]);

  const busy = next !== undefined || sending;
  useEffect(() => {
    if (!busy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [busy]);

  return <Context value={{ uploads, add, remove, forget }}>{children}</Context>;
}
