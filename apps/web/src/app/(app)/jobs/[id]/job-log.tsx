'use client';

import { ArrowDown, Download } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { Button, buttonClass } from '@/components/button.tsx';
import { Notice } from '@/components/notice.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { useJobLog } from './use-job-log.ts';

/** The log, its end in view until the person scrolls up. */
export function JobLog({ jobId, over }: { jobId: string; over: boolean }) {
  const log = useJobLog(jobId, over ? 'over' : 'running');
  const box = useRef<HTMLPreElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text moves the end
  useLayoutEffect(() => {
    if (atEnd && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [log.text, atEnd]);

  return (
    <section aria-labelledby="log">
      <div className="mb-2 flex min-h-8 items-center gap-3">
        <h2 id="log" className="text-base font-semibold">
          Log
        </h2>
        {log.following && log.loaded && <StateBadge state="running" word="Following" className="text-sm text-muted" />}
        <a href={`/api/jobs/${jobId}/log`} download className={buttonClass('ghost', 'ml-auto')}>
          <Download aria-hidden />
          Download log
        </a>
      </div>
      {log.error && <Notice tone="warn">{log.error} The log is asked for again every few seconds.</Notice>}
      {log.cut && <p className="mb-1 text-sm text-faint">Only the end is shown. The whole log is in the download.</p>}
      <div className="relative">
        <pre
          ref={box}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard
          tabIndex={0}
          role="log"
          aria-labelledby="log"
          aria-live="off"
          className="max-h-96 min-h-24 overflow-auto rounded-md border bg-subtle px-3 py-2 font-mono text-sm break-words whitespace-pre-wrap"
          onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
            setAtEnd(scrollHeight - scrollTop - clientHeight < 24)
          }
        >
          {log.text || (
            <span className="text-faint">{log.following ? 'Nothing written yet.' : 'It wrote nothing.'}</span>
          )}
        </pre>
        {!atEnd && (
          <Button className="absolute right-4 bottom-3" icon={<ArrowDown aria-hidden />} onClick={() => setAtEnd(true)}>
            Go to the end
          </Button>
        )}
      </div>
    </section>
  );
}
