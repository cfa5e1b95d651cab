'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Dataset, promptColumns, renderPrompt } from '@touchstone/schemas';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { IconButton } from '@/components/button.tsx';
import { Skeleton } from '@/components/skeleton.tsx';
import { formatCount } from '@/lib/format.ts';
import { errorMessage, useTRPC } from '@/lib/trpc.tsx';

const PAGE = 20;

type PromptPreviewProps = {
  dataset: Dataset;
  prompt: string;
  systemPrompt: string;
  referenceColumn: string | null;
};

/** The prompt as a model gets it, on the dataset's own rows, renewed with every key typed. */
export function PromptPreview({ dataset, prompt, systemPrompt, referenceColumn }: PromptPreviewProps) {
  const trpc = useTRPC();
  const [index, setIndex] = useState(0);
  const at = Math.min(index, Math.max(0, dataset.row_count - 1));
  const offset = at - (at % PAGE);
  const { data, error } = useQuery(
    trpc.datasets.preview.queryOptions({ id: dataset.id, offset, limit: PAGE }, { placeholderData: keepPreviousData }),
  );
  const isReferenceSent = referenceColumn !== null && promptColumns(prompt + systemPrompt).includes(referenceColumn);
  const row = data?.rows.find(({ row_id }) => row_id === at);
  const values =
    data && row && Object.fromEntries(data.columns.map((column, place) => [column, row.values[place] ?? '']));
  return (
    <div className="rounded-md border">
      <div className="flex h-9 items-center justify-between gap-4 border-b pr-1 pl-3">
        <h3 className="text-sm font-medium">As a model gets it</h3>
        <div className="flex items-center gap-1 text-sm text-muted">
          <span>
            {formatCount(at + 1)} of {formatCount(dataset.row_count)}
          </span>
          <IconButton
            label="Previous row"
            className="h-7"
            icon={<ChevronLeft aria-hidden />}
            disabled={at === 0}
            onClick={() => setIndex(at - 1)}
          />
          <IconButton
            label="Next row"
            className="h-7"
            icon={<ChevronRight aria-hidden />}
            disabled={at >= dataset.row_count - 1}
            onClick={() => setIndex(at + 1)}
          />
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard */}
      <section aria-label="Rendered prompt" tabIndex={0} className="max-h-80 space-y-3 overflow-y-auto px-3 py-2">
        {error ? (
          <p className="text-sm text-danger">{errorMessage(error)}</p>
        ) : !values ? (
          <Skeleton className="w-2/3" />
        ) : (
          <>
            {systemPrompt.trim() !== '' && <Message title="System">{render(systemPrompt, values)}</Message>}
            <Message title={systemPrompt.trim() !== '' ? 'User' : null}>{render(prompt, values)}</Message>
            {referenceColumn !== null && (
              <Message title={isReferenceSent ? 'Reference' : 'Reference, not sent'}>
                <span className="text-muted">{values[referenceColumn] || 'blank'}</span>
              </Message>
            )}
          </>
        )}
      </section>
    </div>
  );
}

function Message({ title, children }: { title: string | null; children: ReactNode }) {
  return (
    <div>
      {title && <h4 className="text-sm text-faint">{title}</h4>}
      <div className="text-sm break-words whitespace-pre-wrap">{children}</div>
    </div>
  );
}

/** Piece by piece, so that what comes from the row can be told from what stands in the template. */
function render(template: string, values: Readonly<Record<string, string>>): ReactNode {
  return template.split(/(\{\{[^{}]+\}\})/).map((piece, index) => {
    if (index % 2 === 0) return piece;
    try {
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
        <span key={index} className="rounded-sm bg-accent-soft">
          {renderPrompt(piece, values)}
        </span>
      );
    } catch {
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
        <span key={index} className="rounded-sm bg-danger-soft text-danger">
          {piece}
        </span>
      );
    }
  });
}
