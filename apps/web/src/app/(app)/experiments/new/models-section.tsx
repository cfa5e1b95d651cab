import { BASELINE_NAMES, BASELINES } from '@touchstone/schemas';
import { BookOpen, Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Checkbox } from '@/components/checkbox.tsx';
import { EndpointCard } from './endpoint-card.tsx';
import { type EndpointForm, emptyEndpoint, hasBaseline, toggleBaseline } from './form.ts';
import { ModelPicker } from './model-picker.tsx';
import { FormSection, type SectionProps } from './section.tsx';

type ModelsSectionProps = SectionProps & {
  /** Models that the experiment has already: a baseline gives the same answers again. */
  present?: readonly string[];
};

export function ModelsSection({ form, change, dataset, errorAt, present = [] }: ModelsSectionProps) {
  const setEndpoint = (key: string, changes: Partial<EndpointForm>) =>
    change({
      endpoints: form.endpoints.map((endpoint) => (endpoint.key === key ? { ...endpoint, ...changes } : endpoint)),
    });
  const add = (endpoint: EndpointForm) => change({ endpoints: [...form.endpoints, endpoint] });
  const [isPicking, setIsPicking] = useState(false);
  const error = errorAt('models');
  return (
    <FormSection id="models" title="Models" description="Each becomes one line of the comparison.">
      <fieldset>
        <legend className="pb-1 text-sm font-medium">Baselines</legend>
        <p className="pb-1 text-sm text-faint">
          Extractive summarisers with no model in them: no key, no cost. They are the floor a model has to beat.
        </p>
        {BASELINE_NAMES.map((name) => (
          <Checkbox
            key={name}
            label={name}
            description={present.includes(name) ? 'Is in the experiment already.' : BASELINES[name]}
            disabled={present.includes(name)}
            checked={present.includes(name) || hasBaseline(form, name)}
            onChange={(on) => change({ baselines: toggleBaseline(form.baselines, name, on) })}
          />
        ))}
      </fieldset>
      {form.endpoints.map((endpoint, index) => (
        <EndpointCard
          key={endpoint.key}
          endpoint={endpoint}
          number={index + 1}
          path={`models.${form.baselines.length + index}`}
          dataset={dataset}
          errorAt={errorAt}
          onChange={(changes) => setEndpoint(endpoint.key, changes)}
          onCopy={() =>
            change({
              endpoints: form.endpoints.toSpliced(index + 1, 0, { ...endpoint, key: crypto.randomUUID(), name: '' }),
            })
          }
          onRemove={() => change({ endpoints: form.endpoints.filter(({ key }) => key !== endpoint.key) })}
        />
      ))}
      {error && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button icon={<Plus aria-hidden />} onClick={() => add(emptyEndpoint(crypto.randomUUID()))}>
          Add endpoint model
        </Button>
        <Button icon={<BookOpen aria-hidden />} onClick={() => setIsPicking(true)}>
          Choose a model
        </Button>
      </div>
      {isPicking && <ModelPicker task={form.task} onChoose={add} onClose={() => setIsPicking(false)} />}
    </FormSection>
  );
}
