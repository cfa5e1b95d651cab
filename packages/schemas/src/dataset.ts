import { z } from 'zod';
import { Count, Description, Id, Name, object, PageInput, RequestId, Sha256, Timestamp } from './common.ts';

/** A cell of a table may be as long as this, in bytes of UTF-8. */
export const MAX_CELL_BYTES = 1024 * 1024;
export const MAX_COLUMNS = 1000;

export const DatasetColumn = object({
  name: z.string(),
  /** Rows in which the value is empty or white space. */
  blank: Count,
});
export type DatasetColumn = z.infer<typeof DatasetColumn>;

/** How an uploaded file is written; `source.<format>` keeps its bytes. */
export const DatasetFormat = z.enum(['csv', 'jsonl', 'parquet']);
export type DatasetFormat = z.infer<typeof DatasetFormat>;

/** Where the rows come from. What is named here may have been deleted since. */
export const DatasetProvenance = z.discriminatedUnion('kind', [
  object({ kind: z.literal('uploaded') }),
  object({
    kind: z.literal('edited'),
    dataset_id: Id,
    version: z.int().min(1),
    /** Cells that differ from it. */
    changed_cells: Count,
  }),
  object({
    kind: z.literal('generated'),
    dataset_id: Id,
    /** Null, as the workflow: the job was in no experiment. */
    experiment_id: Id.nullable(),
    experiment: z.string().nullable(),
    workflow_id: Id.nullable(),
    /** Of the workflow, or of the job. */
    workflow: z.string(),
    model: z.string(),
    /** Of the inference. */
    job_id: Id,
    /** The column whose blank cells the answers filled, and how many; which, the column `<column>_generated_by` says. Null: they are a column of their own. */
    filled: object({ column: z.string(), rows: Count }).nullable().default(null),
  }),
]);
export type DatasetProvenance = z.infer<typeof DatasetProvenance>;

export const DatasetOrigin = z.enum(['uploaded', 'edited', 'generated']);
export type DatasetOrigin = DatasetProvenance['kind'];

const DatasetBase = object({
  /** Of this version: what an experiment is pinned to. */
  id: Id,
  version: z.int().min(1),
  /** What was changed, in the words of who did it. */
  note: z.string(),
  row_count: Count,
  created_at: Timestamp,
  provenance: DatasetProvenance,
  /** Experiments that use this version, and jobs that are in none: while there are any it cannot be deleted. */
  experiment_count: Count,
  job_count: Count,
});

export const DatasetVersion = DatasetBase;
export type DatasetVersion = z.infer<typeof DatasetVersion>;

export const Dataset = DatasetBase.extend({
  /** The same for all versions. */
  root_id: Id,
  version_count: z.int().min(1),
  name: Name,
  description: z.string(),
  filename: z.string(),
  /** Null: there is no uploaded file, it was made here. */
  format: DatasetFormat.nullable(),
  /** Of the uploaded file; where there is none, of the values, and the hash of the table. */
  size_bytes: Count,
  sha256: Sha256,
  columns: z.array(DatasetColumn),
});
export type Dataset = z.infer<typeof Dataset>;

/** The newest version of each. */
export const DatasetListInput = PageInput.extend({
  /** Words, each of which is in the name, the description or the file's name. */
  search: z.string().max(200).default(''),
  /** Of the uploaded file. */
  format: DatasetFormat.optional(),
  /** How the newest version came about. */
  provenance: DatasetOrigin.optional(),
});
export type DatasetListInput = z.output<typeof DatasetListInput>;

/** Holds for every version. */
export const DatasetUpdate = object({ id: Id, name: Name.optional(), description: Description.optional() });
export type DatasetUpdate = z.infer<typeof DatasetUpdate>;

export const CellChange = object({
  row_id: Count,
  column: z.string(),
  value: z
    .string()
    .refine((text) => !text.includes('\0'), 'A value cannot hold a NUL character.')
    .refine((text) => text.isWellFormed(), 'The value holds half a character (a lone surrogate).')
    .refine((text) => new TextEncoder().encode(text).length <= MAX_CELL_BYTES, 'A value is at most 1 MB.'),
});
export type CellChange = z.infer<typeof CellChange>;

/** A new version of a dataset with these cells changed. */
export const DatasetEdit = object({
  request_id: RequestId,
  id: Id,
  changes: z.array(CellChange).min(1, 'Change at least one cell.').max(10_000, 'At most 10,000 cells at a time.'),
  note: Description.default(''),
});
export type DatasetEdit = z.infer<typeof DatasetEdit>;

/** The answers of a workflow as a dataset: input, reference and `prediction`. */
export const DatasetFromWorkflow = object({ request_id: RequestId, workflow_id: Id, name: Name });
export type DatasetFromWorkflow = z.infer<typeof DatasetFromWorkflow>;

export const DatasetRemove = object({
  id: Id,
  /** Also the other versions. */
  all_versions: z.boolean().default(false),
});

export const DatasetPreviewInput = object({
  id: Id,
  offset: Count.default(0),
  limit: z.int().min(1).max(200).default(20),
});

export const DatasetRow = object({ row_id: Count, values: z.array(z.string()) });

export const DatasetPreview = object({ columns: z.array(z.string()), rows: z.array(DatasetRow), row_count: Count });
export type DatasetPreview = z.infer<typeof DatasetPreview>;

/** What a version changed against another of the same dataset, `base_id`. */
export const DatasetDiffInput = object({
  id: Id,
  base_id: Id,
  offset: Count.default(0),
  limit: z.int().min(1).max(200).default(50),
});

export const DatasetDiff = object({
  changed_rows: Count,
  changed_cells: Count,
  /** Columns with a changed cell. */
  columns: z.array(object({ name: z.string(), changed: Count })),
  rows: z.array(
    object({ row_id: Count, cells: z.array(object({ column: z.string(), before: z.string(), after: z.string() })) }),
  ),
});
export type DatasetDiff = z.infer<typeof DatasetDiff>;

/** The columns preselected for a new experiment. */
export const DEFAULT_INPUT_COLUMN = 'examples';
export const DEFAULT_REFERENCE_COLUMN = 'ground_truth';
