'use client';

import { Upload } from 'lucide-react';
import { useRef } from 'react';
import { Button, type ButtonVariant } from '@/components/button.tsx';
import { useUploads } from './uploads.tsx';

type UploadButtonProps = { variant?: ButtonVariant; label?: string };

export function UploadButton({ variant = 'primary', label = 'Upload file' }: UploadButtonProps) {
  const { add } = useUploads();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".csv,.jsonl,.ndjson,.parquet,text/csv"
        multiple
        hidden
        aria-label="CSV, JSON Lines or Parquet files"
        onChange={(event) => {
          add(event.target.files ?? []);
          // The same file can be chosen again, once it is mended.
          event.target.value = '';
        }}
      />
      <Button variant={variant} icon={<Upload aria-hidden />} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  );
}
