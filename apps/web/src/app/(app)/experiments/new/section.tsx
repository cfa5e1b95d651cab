import type { Dataset } from '@touchstone/schemas';
import type { ReactNode } from 'react';
import type { ExperimentForm, Resolved } from './form.ts';

/** What every section of the form gets. */
export type SectionProps = {
  form: ExperimentForm;
  change: (changes: Partial<ExperimentForm>) => void;
  resolved: Resolved;
  dataset: Dataset | undefined;
  /** The error to show at a field: once it was left, or after an attempt to run. */
  errorAt: (path: string) => string | undefined;
};

type FormSectionProps = { id: string; title: string; description?: ReactNode; action?: ReactNode; children: ReactNode };

export function FormSection({ id, title, description, action, children }: FormSectionProps) {
  return (
    <section
      id={id}
      aria-labelledby={`${id}-title`}
      className="border-t py-6 first:border-t-0 first:pt-0"
      style={{ scrollMarginTop: 'calc(var(--top-bar) + 8px)' }}
    >
      <div className="flex items-start justify-between gap-4 pb-3">
        <div>
          <h2 id={`${id}-title`} className="font-semibold">
            {title}
          </h2>
          {description && <p className="text-sm text-faint">{description}</p>}
        </div>
        {action}
      </div>
      <div className="space-y-4">{children}</div>
    </section>
  );
}
