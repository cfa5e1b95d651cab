import type { Dataset, DatasetFormat, DatasetProvenance } from '@touchstone/schemas';

export const FORMAT_LABELS: Record<DatasetFormat, string> = { csv: 'CSV', jsonl: 'JSON Lines', parquet: 'Parquet' };

export const PROVENANCE_LABELS: Record<DatasetProvenance['kind'], string> = {
  uploaded: 'Uploaded',
  edited: 'Edited here',
  generated: 'Answers of a model',
};

/** The format of what was uploaded, or how it came about here. */
export const kindOf = ({ format, provenance }: Dataset) =>
  format === null ? PROVENANCE_LABELS[provenance.kind] : FORMAT_LABELS[format];
