import { z } from 'zod';
import { isCompound } from './document.ts';
import type { JsonSchema } from './shapes.ts';

/** Reads the text of a query as the types that `input` asks for. What cannot be read stays text, and is refused by name. */
export function createQueryReader(input: z.ZodObject): (query: Record<string, unknown>) => Record<string, unknown> {
  const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return (query) =>
    Object.fromEntries(Object.entries(query).map(([name, value]) => [name, readValue(properties[name], value)]));
}

function readValue(schema: JsonSchema | undefined, value: unknown): unknown {
  const types = schema ? [schema, ...(schema.anyOf ?? [])] : [];
  const isA = (type: string) => types.some((one) => [one.type].flat().includes(type));
  const list = types.find(({ items }) => items !== undefined);
  if (list) return [value].flat().map((item) => readValue(list.items, item));
  if (typeof value !== 'string') return value;
  if ((isA('integer') || isA('number')) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (isA('boolean') && (value === 'true' || value === 'false')) return value === 'true';
  if (types.some(isCompound)) return readJson(value);
  return value;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
