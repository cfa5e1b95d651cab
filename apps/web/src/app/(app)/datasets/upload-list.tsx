'use client';

import { CircleCheck, CircleX, X } from 'lucide-react';
import Link from 'next/link';
import { IconButton } from '@/components/button.tsx';
import { formatBytes, formatCounted } from '@/lib/format.ts';
import { type Upload, useUploads } from './uploads.tsx';

/** The files of this visit: under way, refused with the reason, or in. */
export function UploadList() {
  const { uploads, remove } = useUploads();
  if (uploads.length === 0) return null;
  return (
    <ul aria-label="Uploads" className="mb-5 border-t">
      {uploads.map((upload) => (
        <li key={upload.id} className="flex items-start gap-3 border-b py-2">
          <div className="min-w-0 flex-1">
            <UploadLine upload={upload} />
          </div>
          <IconButton
            label={upload.state === 'waiting' || upload.state === 'sending' ? `Cancel ${upload.filename}` : 'Dismiss'}
            icon={<X aria-hidden />}
            onClick={() => remove(upload.id)}
          />
        </li>
      ))}
    </ul>
  );
}

function UploadLine({ upload }: { upload: Upload }) {
  const name = <span className="font-medium break-all">{upload.filename}</span>;
  switch (upload.state) {
    case 'waiting':
      return (
        <p className="pt-1.5 text-muted">
          {name} waits for the one before it, {formatBytes(upload.size)}
        </p>
      );
    case 'sending': {
      const allSent = upload.sent >= upload.size;
      return (
        <div className="pt-1.5">
          <p className="flex flex-wrap justify-between gap-x-4">
            {name}
            <span className="text-muted" role="status">
              {allSent ? 'Checking every row' : `${formatBytes(upload.sent)} of ${formatBytes(upload.size)}`}
            </span>
          </p>
          <progress
            aria-label={`Upload of ${upload.filename}`}
            className="mt-1.5 block h-[3px] w-full appearance-none overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent"
            value={upload.sent}
            max={upload.size || 1}
          />
        </div>
      );
    }
    case 'done':
      return (
        <p role="status" className="flex flex-wrap items-center gap-x-2 gap-y-1 pt-1.5">
          <CircleCheck aria-hidden className="size-4 text-ok" />
          <Link className="link font-medium" href={`/datasets/${upload.dataset.id}`}>
            {upload.dataset.name}
          </Link>
          <span className="text-muted">
            uploaded: {formatCounted(upload.dataset.row_count, 'row')},{' '}
            {formatCounted(upload.dataset.columns.length, 'column')}.
          </span>
          <Link className="link" href={`/experiments/new?dataset=${upload.dataset.id}`}>
            New experiment with it
          </Link>
        </p>
      );
    case 'failed':
      return (
        <div role="alert" className="flex items-start gap-2 pt-1.5">
          <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
          <div className="min-w-0">
            <p>{name} was not uploaded; nothing was kept of it.</p>
            <p className="mt-0.5 break-words whitespace-pre-line text-danger">{upload.message}</p>
          </div>
        </div>
      );
  }
}
