/** What of the OpenAPI document the page shows. */
export const OPENAPI = '/api/openapi.json';

export type JsonSchema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
};

type Content = Record<string, { schema?: JsonSchema }>;

export type Parameter = {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema?: JsonSchema;
  content?: Content;
};

export type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  security: { api_key: string[] }[];
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description?: string; content?: Content }>;
};

export type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema> };
};

export async function readDocument(): Promise<Document> {
  const answer = await fetch(OPENAPI);
  if (!answer.ok) throw new Error(`The server answered with ${answer.status}.`);
  return (await answer.json()) as Document;
}

export type Route = { method: string; path: string; operation: Operation };

/** The routes of each noun, nouns in alphabetical order. */
export function routesByNoun({ paths }: Document): [string, Route[]][] {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return Object.entries(Object.groupBy(routes, ({ operation }) => operation.tags[0]!))
    .map(([noun, list = []]): [string, Route[]] => [noun, list])
    .toSorted(([a], [b]) => a.localeCompare(b));
}

/** `#/components/schemas/Dataset` → `Dataset`. */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
