'use client';

import type { Dataset } from '@touchstone/schemas';
import { CopyPlus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/components/button.tsx';
import { Checkbox } from '@/components/checkbox.tsx';
import { Field } from '@/components/field.tsx';
import { Input, Textarea } from '@/components/input.tsx';
import { ConnectionFields, ModelNameField } from './connection-fields.tsx';
import { type EndpointForm, PARAM_NAMES, type ParamName, runsHere } from './form.ts';
import { TemplateEditor } from './template-editor.tsx';

const PARAM_LABELS: Record<ParamName, string> = {
  temperature: 'Temperature',
  max_tokens: 'Max tokens',
  top_p: 'Top p',
  max_completion_tokens: 'Max completion tokens',
  frequency_penalty: 'Frequency penalty',
  presence_penalty: 'Presence penalty',
  seed: 'Seed of the model',
};
const SHOWN_PARAMS = ['temperature', 'max_tokens', 'top_p'] as const satisfies readonly ParamName[];
const FURTHER_PARAMS = PARAM_NAMES.filter((name) => !(SHOWN_PARAMS as readonly ParamName[]).includes(name));

type EndpointCardProps = {
  endpoint: EndpointForm;
  /** From 1, for what it is called until it has a name. */
  number: number;
  /** Where its fields stand in the request: `models.3`. */
  path: string;
  dataset: Dataset | undefined;
  errorAt: (path: string) => string | undefined;
  onChange: (changes: Partial<EndpointForm>) => void;
  onCopy: () => void;
  onRemove: () => void;
};

type TextField = { [K in keyof EndpointForm]: EndpointForm[K] extends string ? K : never }[keyof EndpointForm];

/** A model behind an OpenAI-compatible endpoint. */
export function EndpointCard(props: EndpointCardProps) {
  const { endpoint, number, path, dataset, errorAt, onChange, onCopy, onRemove } = props;
  const title = endpoint.name || endpoint.model || `Endpoint model ${number}`;
  const text = (field: TextField) => ({
    name: `${path}.${field}`,
    value: endpoint[field],
    onChange: (event: { target: { value: string } }) => onChange({ [field]: event.target.value }),
  });
  const parameter = (name: ParamName) => (
    <Field key={name} label={PARAM_LABELS[name]} optional error={errorAt(`${path}.params.${name}`)}>
      <Input
        name={`${path}.params.${name}`}
        inputMode="decimal"
        autoComplete="off"
        value={endpoint.params[name]}
        onChange={(event) => onChange({ params: { ...endpoint.params, [name]: event.target.value } })}
      />
    </Field>
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a legend cannot stand in a row with buttons
    <div role="group" aria-label={`Endpoint model ${number}`} className="space-y-4 rounded-md border px-4 pt-2 pb-4">
      <div className="flex items-center justify-between gap-2">
        <h3 className="truncate text-sm font-semibold">{title}</h3>
        <div className="-mr-2 flex shrink-0">
          <IconButton label={`Copy ${title}`} icon={<CopyPlus aria-hidden />} onClick={onCopy} />
          <IconButton label={`Remove ${title}`} icon={<Trash2 aria-hidden />} onClick={onRemove} />
        </div>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <ConnectionFields endpoint={endpoint} path={path} errorAt={errorAt} onChange={onChange} />
        <ModelNameField endpoint={endpoint} path={path} errorAt={errorAt} onChange={onChange} />
        <Field label="Name" optional error={errorAt(`${path}.name`)} hint="In tables and charts; else the model name.">
          <Input {...text('name')} autoComplete="off" />
        </Field>
      </div>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Field label="Calls at once" optional error={errorAt(`${path}.concurrency`)}>
          <Input {...text('concurrency')} inputMode="numeric" autoComplete="off" placeholder="found by trying" />
        </Field>
        {SHOWN_PARAMS.map(parameter)}
      </div>
      <More endpoint={endpoint} path={path} errorAt={errorAt}>
        <div className="space-y-4 pt-3">
          <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
            <Field label="Timeout in seconds" optional error={errorAt(`${path}.timeout`)}>
              <Input {...text('timeout')} inputMode="numeric" autoComplete="off" />
            </Field>
            {FURTHER_PARAMS.map(parameter)}
            {PRICES.map(({ side, label, hint }) => (
              <Field
                key={side}
                label={label}
                optional
                error={errorAt(`${path}.price.${side}`) ?? (side === 'input' ? errorAt(`${path}.price`) : undefined)}
                hint={hint}
              >
                <Input
                  name={`${path}.price.${side}`}
                  inputMode="decimal"
                  autoComplete="off"
                  value={endpoint.price[side]}
                  onChange={(event) => onChange({ price: { ...endpoint.price, [side]: event.target.value } })}
                />
              </Field>
            ))}
          </div>
          <Checkbox
            label="Stream answers"
            description="Gives the time to the first token."
            checked={endpoint.stream}
            onChange={(stream) => onChange({ stream })}
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Stop texts" optional error={errorAt(`${path}.stop`)} hint="One a line.">
              <Textarea {...text('stop')} spellCheck={false} className="font-mono text-sm" />
            </Field>
            <Field
              label="Extra body"
              optional
              error={errorAt(`${path}.extra_body`)}
              hint={'JSON that is added to each request, such as {"top_k": 40}.'}
            >
              <Textarea {...text('extra_body')} spellCheck={false} className="font-mono text-sm" />
            </Field>
          </div>
          {runsHere(endpoint) && (
            <Field
              label="Settings of a model that runs here"
              optional
              error={errorAt(`${path}.local`) ?? errorAt(`${path}.generation`)}
              hint={'JSON, such as {"device": "gpu", "generation": {"num_beams": 4}}.'}
            >
              <Textarea {...text('local')} spellCheck={false} className="font-mono text-sm" />
            </Field>
          )}
          <TemplateEditor
            label="Own prompt (optional)"
            name={`${path}.prompt`}
            value={endpoint.prompt}
            onChange={(prompt) => onChange({ prompt })}
            dataset={dataset}
            error={errorAt(`${path}.prompt`)}
            placeholder="The experiment's prompt"
          />
          <TemplateEditor
            label="Own system prompt (optional)"
            name={`${path}.system_prompt`}
            value={endpoint.system_prompt}
            onChange={(system_prompt) => onChange({ system_prompt })}
            dataset={dataset}
            error={errorAt(`${path}.system_prompt`)}
            placeholder="The experiment's system prompt"
          />
        </div>
      </More>
    </div>
  );
}

/** By the token or by the hour; left out, the price table's or the catalogue's counts. */
const PRICES = [
  { side: 'input', label: 'Price, input', hint: 'Dollars per million tokens.' },
  { side: 'output', label: 'Price, output', hint: 'Dollars per million tokens.' },
  { side: 'per_hour', label: 'Price per hour', hint: 'Dollars, of a machine of your own.' },
] as const;

const FIELDS_UNDER_MORE = ['timeout', 'stop', 'extra_body', 'local', 'prompt', 'system_prompt'] as const;

/** Opens by itself where something in it is set or wrong. */
function More({
  endpoint,
  path,
  errorAt,
  children,
}: Pick<EndpointCardProps, 'endpoint' | 'path' | 'errorAt'> & { children: React.ReactNode }) {
  const isUsed =
    endpoint.stream ||
    FIELDS_UNDER_MORE.some((field) => endpoint[field] !== '') ||
    PRICES.some(({ side }) => endpoint.price[side] !== '') ||
    FURTHER_PARAMS.some((name) => endpoint.params[name] !== '');
  const isWrong = [
    ...FIELDS_UNDER_MORE,
    'price',
    ...PRICES.map(({ side }) => `price.${side}`),
    ...FURTHER_PARAMS.map((name) => `params.${name}`),
  ].some((field) => errorAt(`${path}.${field}`));
  const [open, setOpen] = useState(isUsed);
  return (
    <details open={open || isWrong} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded-sm py-1 text-sm font-medium text-muted select-none hover:text-fg">
        More
        <span className="font-normal text-faint"> – timeout, price, stream, stop, other parameters, own prompt</span>
      </summary>
      {children}
    </details>
  );
}
