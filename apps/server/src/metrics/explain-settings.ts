import type { MetricSettings } from '@touchstone/schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** Why no job could score by a metric with these settings, beyond what their shape says; null where it can. */
export function explainSettings(metric: MetricSettings): string | null {
  if (metric.type === 'regex') return explainPattern(metric.pattern);
  return metric.type === 'json_schema' ? explainSchema(metric.schema) : null;
}

/** RE2JS is a port of the engine that the jobs use; what it lets through and theirs does not is told by the job. */
function explainPattern(pattern: string): string | null {
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return `RE2 does not take the pattern: ${(error as Error).message}`;
  }
}

function explainSchema(schema: Record<string, unknown>): string | null {
  const { $schema = DRAFT } = schema;
  if (typeof $schema !== 'string' || $schema.replace(/#$/, '') !== DRAFT) {
    return `$schema: only draft 2020-12 (${DRAFT}) is known here.`;
  }
  const remote = findReferences(schema).find((reference) => !reference.startsWith('#'));
  if (remote !== undefined)
    return `$ref "${remote}": a reference leads to a place in the schema itself, as "#/$defs/…".`;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  if (ajv.validateSchema(schema)) return null;
  const [problem] = ajv.errors ?? [];
  return `it is no JSON Schema: ${problem?.instancePath || 'the whole'} ${problem?.message}.`;
}

/** Every text that a `$ref` or `$dynamicRef` has, however deep. */
function findReferences(value: unknown): string[] {
  const found: string[] = [];
  // Without recursion, which what a person sends could exhaust.
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== 'object' || one === null) continue;
    for (const [key, part] of Object.entries(one)) {
      if ((key === '$ref' || key === '$dynamicRef') && typeof part === 'string') found.push(part);
      open.push(part);
    }
  }
  return found;
}
