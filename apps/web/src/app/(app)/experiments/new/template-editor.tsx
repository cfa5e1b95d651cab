'use client';

import type { Dataset } from '@touchstone/schemas';
import { type ReactNode, useRef } from 'react';
import { Button } from '@/components/button.tsx';
import { Field } from '@/components/field.tsx';
import { Textarea } from '@/components/input.tsx';
import { unknownColumns } from './check.ts';

type TemplateEditorProps = {
  label: string;
  /** The field's path in the request. */
  name: string;
  value: string;
  onChange: (value: string) => void;
  dataset: Dataset | undefined;
  error: string | undefined;
  placeholder?: string;
  action?: ReactNode;
};

/** A template with the dataset's columns to put in; a column that it does not have is flagged at once. */
export function TemplateEditor(props: TemplateEditorProps) {
  const { label, name, value, onChange, dataset, error, placeholder, action } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const columns = dataset?.columns.map((column) => column.name) ?? [];
  const unknown = dataset ? unknownColumns(value, columns) : [];

  const insert = (column: string) => {
    const element = area.current;
    const [start, end] = element ? [element.selectionStart, element.selectionEnd] : [value.length, value.length];
    const placeholderText = `{{${column}}}`;
    onChange(value.slice(0, start) + placeholderText + value.slice(end));
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(start + placeholderText.length, start + placeholderText.length);
    });
  };

  return (
    <div className="space-y-2">
      <Field label={label} error={unknown.length > 0 ? undefined : error}>
        <Textarea
          ref={area}
          name={name}
          value={value}
          placeholder={placeholder}
          spellCheck={false}
          aria-invalid={unknown.length > 0 || undefined}
          onChange={(event) => onChange(event.target.value)}
          className="max-h-96 font-mono text-sm"
        />
      </Field>
      {unknown.map(({ name, nearest }) => (
        <p key={name} role="alert" className="flex flex-wrap items-center gap-x-2 text-sm text-danger">
          The dataset has no column "{name}".
          {nearest && (
            <Button
              className="h-7 px-2"
              onClick={() => onChange(replaceColumn(value, name, nearest))}
            >{`Use "${nearest}"`}</Button>
          )}
        </p>
      ))}
      <div className="flex flex-wrap items-center gap-1.5">
        {columns.length > 0 && <span className="text-sm text-faint">Insert</span>}
        {columns.map((column) => (
          <button
            key={column}
            type="button"
            aria-label={`Insert {{${column}}}`}
            onClick={() => insert(column)}
            className="h-7 max-w-60 truncate rounded-sm bg-hover px-2 font-mono text-sm text-muted hover:text-fg"
          >
            {`{{${column}}}`}
          </button>
        ))}
        {action && <span className="ml-auto">{action}</span>}
      </div>
    </div>
  );
}

/** Puts another column wherever the template names this one. */
function replaceColumn(template: string, from: string, to: string): string {
  return template.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (whole, column) => (column === from ? `{{${to}}}` : whole));
}
