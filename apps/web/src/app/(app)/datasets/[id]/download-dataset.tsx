import type { Dataset } from '@touchstone/schemas';
import { Download } from 'lucide-react';
import { Button, buttonClass } from '@/components/button.tsx';
import { Menu } from '@/components/menu.tsx';
import { FORMAT_LABELS } from '../words.ts';

/** The file as it was uploaded; where that is no CSV, the rows as CSV too. */
export function DownloadDataset({ dataset: { id, format } }: { dataset: Dataset }) {
  const source = `/api/datasets/${id}/download`;
  if (format === 'csv' || format === null) {
    return (
      <a href={source} download className={buttonClass('secondary')}>
        <Download aria-hidden />
        Download
      </a>
    );
  }
  return (
    <Menu
      trigger={<Button icon={<Download aria-hidden />}>Download</Button>}
      items={[
        { label: `As uploaded (${FORMAT_LABELS[format]})`, href: source, download: true },
        { label: 'As CSV', href: `${source}?as=csv`, download: true },
      ]}
    />
  );
}
