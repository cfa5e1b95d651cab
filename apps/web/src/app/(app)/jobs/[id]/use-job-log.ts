'use client';

import { useEffect, useState } from 'react';
import { errorMessage, useTRPCClient } from '@/lib/trpc.tsx';
import { appendLog } from './log-text.ts';

const POLL_MS = 1000;
const RETRY_MS = 3000;

type Log = { text: string; cut: boolean; following: boolean; loaded: boolean; error: string | null };
const EMPTY: Log = { text: '', cut: false, following: true, loaded: false, error: null };

/** A job's log from its beginning, followed until the job is over and everything is read. `run` changes when it is started again. */
export function useJobLog(jobId: string, run: string): Log {
  const client = useTRPCClient();
  const [log, setLog] = useState(EMPTY);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new run reads on
  useEffect(() => {
    let ended = false;
    let timer: ReturnType<typeof setTimeout>;
    setLog(EMPTY);
    async function readFrom(offset: number) {
      try {
        const piece = await client.jobs.log.query({ id: jobId, offset });
        if (ended) return;
        const advanced = piece.next_offset > offset;
        const following = !piece.over || advanced;
        setLog((log) => {
          const { text, cut } = appendLog(log.text, piece.text);
          return { text, cut: cut || log.cut, following, loaded: true, error: null };
        });
        if (following) timer = setTimeout(() => readFrom(piece.next_offset), advanced ? 0 : POLL_MS);
      } catch (error) {
        if (ended) return;
        setLog((log) => ({ ...log, error: errorMessage(error) }));
        timer = setTimeout(() => readFrom(offset), RETRY_MS);
      }
    }
    void readFrom(0);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [client, jobId, run]);
  return log;
}
