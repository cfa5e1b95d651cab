import { METRICS } from '@touchstone/schemas';
import { Upload } from 'lucide-react';
import Link from 'next/link';
import { LinkButton } from '@/components/button.tsx';
import { Field } from '@/components/field.tsx';
import { Select } from '@/components/select.tsx';
import { formatCounted } from '@/lib/format.ts';
import { DatasetPicker, useOnlyDataset, VersionPicker } from './dataset-picker.tsx';
import { toRequest } from './form.ts';
import { HealthLine } from './health-line.tsx';
import { FormSection, type SectionProps } from './section.tsx';

const NO_REFERENCE = '\u0000none';
const INDEPENDENT = '\u0000independent';

export function DataSection({ form, change, resolved, dataset, errorAt }: SectionProps) {
  // Columns belong to the dataset: what was chosen for another one does not carry over.
  const choose = (dataset_id: string) => change({ dataset_id, input_column: null, reference: null, group_column: '' });
  useOnlyDataset(form.dataset_id === null, choose);
  const columns = dataset?.columns ?? [];
  const blankInput = columns.find(({ name }) => name === resolved.input_column)?.blank ?? 0;
  const blankReference = columns.find(({ name }) => name === resolved.reference_column)?.blank ?? 0;
  const needsReference = resolved.metrics.some((metric) => METRICS[metric.type].needs_reference);
  return (
    <FormSection
      id="data"
      title="Data"
      action={
        <LinkButton href="/datasets" variant="ghost" icon={<Upload aria-hidden />}>
          Upload a dataset
        </LinkButton>
      }
    >
      <Field
        label="Dataset"
        error={errorAt('dataset_id')}
        hint={
          dataset && (
            <>
              {formatCounted(dataset.row_count, 'row')}, {formatCounted(dataset.columns.length, 'column')}.{' '}
              <Link href={`/datasets/${dataset.id}`} className="link">
                Look at it
              </Link>
            </>
          )
        }
      >
        <DatasetPicker value={dataset} onChange={choose} />
      </Field>
      {dataset && dataset.version_count > 1 && (
        <Field label="Version" hint="The experiment stays with it, whatever is edited later.">
          {/* All versions have the same columns. */}
          <VersionPicker dataset={dataset} onChange={(dataset_id) => change({ dataset_id })} />
        </Field>
      )}
      {dataset && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Input column"
            error={errorAt('input_column')}
            hint={
              blankInput > 0
                ? `${formatCounted(blankInput, 'row')} with a blank input ${blankInput === 1 ? 'is' : 'are'} left out.`
                : 'No blank values.'
            }
          >
            <Select
              name="input_column"
              className="w-full"
              value={resolved.input_column ?? ''}
              options={columns.map(({ name }) => name)}
              onChange={(input_column) => change({ input_column })}
            />
          </Field>
          <Field
            label="Reference column"
            error={errorAt('reference_column')}
            hint={
              resolved.reference_column === null
                ? 'Metrics that compare with a reference cannot be used.'
                : blankReference === 0
                  ? 'No blank values.'
                  : needsReference
                    ? `${formatCounted(blankReference, 'row')} with a blank reference ${blankReference === 1 ? 'is' : 'are'} left out.`
                    : `${formatCounted(blankReference, 'row')} with a blank reference.`
            }
          >
            <Select
              name="reference_column"
              className="w-full"
              value={resolved.reference_column ?? NO_REFERENCE}
              options={[
                { value: NO_REFERENCE, label: 'No reference' },
                ...columns.map(({ name }) => ({ value: name, label: name, disabled: name === resolved.input_column })),
              ]}
              onChange={(column) => change({ reference: column === NO_REFERENCE ? 'none' : { column } })}
            />
          </Field>
          <Field
            label="Group column"
            error={errorAt('group_column')}
            hint={
              resolved.group_column === null
                ? 'Choose one where several rows are of one customer, document or dialogue: they are not independent.'
                : 'Intervals and tests are over its groups; at least 10 are needed.'
            }
          >
            <Select
              name="group_column"
              className="w-full"
              value={resolved.group_column ?? INDEPENDENT}
              options={[{ value: INDEPENDENT, label: 'Rows are independent' }, ...columns.map(({ name }) => name)]}
              onChange={(column) => change({ group_column: column === INDEPENDENT ? '' : column })}
            />
          </Field>
        </div>
      )}
      {dataset && resolved.input_column !== null && (
        <HealthLine
          dataset_id={dataset.id}
          input_column={resolved.input_column}
          reference_column={resolved.reference_column}
          models={toRequest(form, resolved).request.models}
        />
      )}
    </FormSection>
  );
}
