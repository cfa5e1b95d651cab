import * as schemas from '@touchstone/schemas';
import { z } from 'zod';
import type { Operation } from './operation.ts';

export type JsonSchema = {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  [keyword: string]: unknown;
};
type Named = Record<string, JsonSchema>;

const PLACE = '#/components/schemas/';
/** What is worth a name in the document; the rest is written where it is used. */
const WORTH_A_NAME = new Set(['object', 'union', 'enum', 'lazy']);

/** zod's shapes as JSON Schema (draft 2020-12). */
export type Shapes = {
  /** What is sent, and as a body: a reference where it has a name. */
  input(operation: Operation): { schema: JsonSchema; body: JsonSchema } | null;
  /** What is answered. */
  output(operation: Operation): JsonSchema | null;
  components: Named;
};

/**
 * Shapes that packages/schemas exports keep their names. One that is both sent and answered differs in what may be left
 * out: what is sent is then called `<name>-Input`.
 */
export function convertShapes(operations: readonly Operation[]): Shapes {
  const registry = z.registry<{ id: string }>();
  const register = (shape: z.ZodType, id: string): string => {
    if (!registry.has(shape)) registry.add(shape, { id });
    return registry.get(shape)!.id;
  };
  for (const [id, shape] of Object.entries(schemas)) {
    if (shape instanceof z.ZodType && WORTH_A_NAME.has(shape.def.type)) register(shape, id);
  }
  // A shape without a name is registered under one with a dot, and is no component.
  const isNamed = (id: string) => !id.includes('.');
  const inputs = new Map<string, string>();
  const outputs = new Map<string, string>();
  for (const { id, input, output } of operations) {
    if (input) inputs.set(id, register(input, `${id}.input`));
    if ('shape' in output) outputs.set(id, register(output.shape, `${id}.output`));
  }

  const answered = convert(registry, 'output', (id) => id);
  const inAnswers = reachable(answered, [...outputs.values()]);
  const sentName = (id: string) => (inAnswers.has(id) && answered[id]!.enum === undefined ? `${id}-Input` : id);
  const sent = convert(registry, 'input', sentName);
  const components = Object.fromEntries(Object.entries({ ...answered, ...sent }).filter(([id]) => isNamed(id)));
  const refer = (all: Named, id: string) => (isNamed(id) ? { $ref: PLACE + id } : all[id]!);
  return {
    input: (operation) => {
      const id = inputs.get(operation.id);
      return id === undefined ? null : { schema: sent[sentName(id)]!, body: refer(sent, sentName(id)) };
    },
    output: (operation) => {
      const id = outputs.get(operation.id);
      return id === undefined ? null : refer(answered, id);
    },
    components,
  };
}

/** Every registered shape, by the name that `nameOf` gives it. */
function convert(
  registry: z.core.$ZodRegistry<{ id: string }>,
  io: 'input' | 'output',
  nameOf: (id: string) => string,
): Named {
  const converted = z.toJSONSchema(registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => PLACE + nameOf(id),
    override: ({ jsonSchema }) => {
      // "uuid" says what its pattern says.
      if (jsonSchema.format) delete jsonSchema.pattern;
    },
  });
  return Object.fromEntries(
    Object.entries(converted.schemas).map(([id, whole]) => {
      const { $schema: _schema, $id: _id, ...schema } = whole;
      return [nameOf(id), schema as JsonSchema];
    }),
  );
}

/** The names that this refers to. */
export function namesIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
}

/** These names and all that they refer to. */
export function reachable(all: Named, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    namesIn(all[id]).forEach(visit);
  };
  from.forEach(visit);
  return found;
}
