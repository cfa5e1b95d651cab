'use client';

import { ArrowDown, ChevronDown, ChevronUp, Download, Pause, Play } from 'lucide-react';
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Button, buttonClass, IconButton } from '@/components/button.tsx';
import { Input } from '@/components/input.tsx';
import { Notice } from '@/components/notice.tsx';
import { StateBadge } from '@/components/state-badge.tsx';
import { splitMatches } from './log-text.ts';
import { useJobLog } from './use-job-log.ts';

/** A place that is beyond every match. */
const LAST = Number.MAX_SAFE_INTEGER;

/** The log, its end in view until the person scrolls up; it can be held still, and searched. */
export function JobLog({ jobId, over }: { jobId: string; over: boolean }) {
  const log = useJobLog(jobId, over ? 'over' : 'running');
  const box = useRef<HTMLPreElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  /** What it said when it was held still. */
  const [held, setHeld] = useState<string | null>(null);
  const text = held ?? log.text;
  const found = useLogSearch(text, box);
  const isSearching = found.search !== '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text moves the end
  useLayoutEffect(() => {
    if (atEnd && !isSearching && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text, atEnd, isSearching]);

  return (
    <section aria-labelledby="log">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 id="log" className="text-base font-semibold">
          Log
        </h2>
        {log.following && log.loaded && (
          <StateBadge
            state={held === null ? 'running' : 'stopped'}
            word={held === null ? 'Following' : 'Held still'}
            className="text-sm text-muted"
          />
        )}
        <span className="ml-auto" />
        <LogSearch {...found} />
        {log.following && (
          <Button
            variant="ghost"
            icon={held === null ? <Pause aria-hidden /> : <Play aria-hidden />}
            onClick={() => setHeld(held === null ? log.text : null)}
          >
            {held === null ? 'Hold still' : 'Follow'}
          </Button>
        )}
        <a href={`/api/jobs/${jobId}/log`} download className={buttonClass('ghost')}>
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
          {text ? (
            <LogText {...found} />
          ) : (
            <span className="text-faint">{log.following ? 'Nothing written yet.' : 'It wrote nothing.'}</span>
          )}
        </pre>
        {!atEnd && (
          <Button
            className="absolute right-4 bottom-3"
            icon={<ArrowDown aria-hidden />}
            onClick={() => {
              found.start('');
              setAtEnd(true);
            }}
          >
            Go to the end
          </Button>
        )}
      </div>
    </section>
  );
}

/** Every second piece is a match; `shown` is the place of the one that the person looks at. */
function LogText({ pieces, shown }: { pieces: readonly string[]; shown: number }) {
  return pieces.map((piece, i) =>
    i % 2 === 1 ? (
      <mark
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no name but their place
        key={i}
        className={(i - 1) / 2 === shown ? 'bg-accent text-accent-fg' : 'bg-warn-soft text-fg'}
      >
        {piece}
      </mark>
    ) : (
      piece
    ),
  );
}

/** Goes from match to match, the last one first: what went wrong is at the end. */
function useLogSearch(text: string, box: RefObject<HTMLElement | null>) {
  const [search, setSearch] = useState('');
  const [place, setPlace] = useState(LAST);
  const pieces = useMemo(() => splitMatches(text, search), [text, search]);
  const matches = (pieces.length - 1) / 2;
  const shown = Math.min(place, matches - 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes there when the person asks, not when text arrives
  useEffect(() => {
    const mark = search === '' ? null : box.current?.querySelectorAll('mark')[shown];
    if (mark) box.current!.scrollTop = mark.offsetTop - box.current!.clientHeight / 2;
  }, [search, place]);
  return {
    search,
    pieces,
    matches,
    shown,
    start: (text: string) => {
      setSearch(text);
      setPlace(LAST);
    },
    move: (by: number) => setPlace((shown + by + matches) % matches),
  };
}

/** Enter goes up, Shift+Enter down. */
function LogSearch({ search, matches, shown, start, move }: ReturnType<typeof useLogSearch>) {
  return (
    <>
      {search !== '' && (
        <span role="status" className="text-sm text-muted">
          {matches === 0 ? 'Not found' : `${shown + 1} of ${matches}`}
        </span>
      )}
      {matches > 0 && (
        <span className="flex">
          <IconButton label="Match before" icon={<ChevronUp aria-hidden />} onClick={() => move(-1)} />
          <IconButton label="Next match" icon={<ChevronDown aria-hidden />} onClick={() => move(1)} />
        </span>
      )}
      <div className="w-44">
        <Input
          type="search"
          aria-label="Search the log"
          placeholder="Search the log"
          value={search}
          onChange={(event) => start(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') start('');
            if (event.key === 'Enter' && matches > 0) move(event.shiftKey ? 1 : -1);
          }}
        />
      </div>
    </>
  );
}
