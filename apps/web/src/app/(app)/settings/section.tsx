import type { ReactNode } from 'react';

type SectionProps = { id: string; title: string; about?: ReactNode; action?: ReactNode; children: ReactNode };

export function Section({ id, title, about, action, children }: SectionProps) {
  return (
    <section aria-labelledby={id}>
      <div className="mb-3 flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {about && <p className="max-w-[72ch] text-muted">{about}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
