import type { Scope } from '@touchstone/schemas';
import { VERSION } from '../version.ts';
import type { Operation } from './operation.ts';
import { convertShapes, type JsonSchema, namesIn, reachable, type Shapes } from './shapes.ts';

/** A route below /api: `url` as Fastify writes it, with `:id`. */
export type RestRoute = { method: string; url: string; access: Scope; operation: Operation };

type Parameter = {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema?: JsonSchema;
  content?: Record<string, { schema: JsonSchema }>;
};

type Content = Record<string, { schema?: JsonSchema }>;

export type DescribedOperation = {
  operationId: string;
  tags: string[];
  summary: string;
  security: object[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { $ref?: string; description?: string; content?: Content }>;
};

export type ApiDocument = {
  openapi: string;
  info: object;
  servers: object[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { securitySchemes: object; schemas: Record<string, JsonSchema>; responses: Record<string, object> };
};

const REFUSALS = {
  BadRequest: [400, 'The request cannot be read.'],
  Unauthorized: [401, 'The key is missing, unknown, revoked or expired.'],
  Forbidden: [403, 'The key has too small a scope.'],
  NotFound: [404, 'It is not there: it may have been deleted.'],
  Conflict: [409, 'As things are, this cannot be done; the message says why.'],
  TooLarge: [413, 'The body is larger than this server accepts.'],
  Invalid: [422, 'What was sent breaks a rule; the message names the field.'],
  Upstream: [502, 'Storage or another service behind the server does not answer.'],
  Unavailable: [503, 'The database does not answer, or the server is starting.'],
} as const;
type RefusalName = keyof typeof REFUSALS;

const ERROR: JsonSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        message: { type: 'string', description: 'What happened, what is kept, and what to do.' },
      },
      required: ['code', 'message'],
      additionalProperties: false,
    },
  },
  required: ['error'],
  additionalProperties: false,
};

/** Fields beside the address are the query of these. */
export const hasQuery = ({ method, operation }: Pick<RestRoute, 'method' | 'operation'>): boolean =>
  method === 'GET' || method === 'DELETE' || operation.takes_file === true;

/** The OpenAPI 3.1 document of these routes. */
export function describeApi(routes: readonly RestRoute[]): ApiDocument {
  const shapes = convertShapes(routes.map(({ operation }) => operation));
  const paths: ApiDocument['paths'] = {};
  for (const route of routes.toSorted((a, b) => a.url.localeCompare(b.url))) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route, shapes) };
  }
  const used = reachable(shapes.components, namesIn(paths));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Touchstone',
      version: VERSION,
      description:
        'Which language model should I use for my data? Send an API key, made in Settings: `Authorization: Bearer tsk_…`. Lists are read page by page: `cursor` is the `next_cursor` of the page before.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { api_key: { type: 'http', scheme: 'bearer', description: 'An API key, `tsk_…`.' } },
      schemas: Object.fromEntries(
        [
          ...Object.entries(shapes.components).filter(([name]) => used.has(name)),
          ['Error', ERROR] as [string, JsonSchema],
        ].toSorted(([a], [b]) => a.localeCompare(b)),
      ),
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([name, [, description]]) => [
          name,
          { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
        ]),
      ),
    },
  };
}

function describe(route: RestRoute, shapes: Shapes): DescribedOperation {
  const { method, url, access, operation } = route;
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const input = shapes.input(operation);
  const parameters = input ? describeParameters(input.schema, inPath, hasQuery(route)) : [];
  const body = describeBody(route, input, inPath);
  const refusals: RefusalName[] = [
    'BadRequest',
    'Unauthorized',
    'Forbidden',
    // What a path, a body or, where something is to be removed, a query names may not be there.
    ...(inPath.length > 0 || (input && method !== 'GET') ? (['NotFound'] as const) : []),
    ...(method === 'GET' ? [] : (['TooLarge'] as const)),
    // A file may not be there yet.
    ...(method === 'GET' && !('files' in operation.output) ? [] : (['Conflict'] as const)),
    ...(input ? (['Invalid'] as const) : []),
    'Upstream',
    'Unavailable',
  ];
  return {
    operationId: operation.id.replace('.', '_'),
    tags: [operation.id.split('.')[0]!],
    summary: operation.summary,
    security: [{ api_key: [access] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      ...describeAnswer(operation, shapes),
      ...Object.fromEntries(
        refusals.map((name) => [REFUSALS[name][0], { $ref: `#/components/responses/${name}` }] as const),
      ),
    },
  };
}

function describeParameters(
  { properties = {}, required = [] }: JsonSchema,
  inPath: string[],
  withQuery: boolean,
): Parameter[] {
  return Object.entries(properties).flatMap(([name, schema]): Parameter[] => {
    if (inPath.includes(name)) return [{ name, in: 'path', required: true, schema }];
    if (!withQuery) return [];
    const parameter = { name, in: 'query' as const, required: required.includes(name) };
    return [
      isCompound(schema)
        ? { ...parameter, content: { 'application/json': { schema } } }
        : { ...parameter, schema: withoutNull(schema) },
    ];
  });
}

/** An object comes as JSON in the query. */
export const isCompound = ({ type }: JsonSchema): boolean => type === 'object';

/** A query holds no null: it is left out. */
function withoutNull(schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema.type)) {
    const [type, ...others] = schema.type.filter((one) => one !== 'null');
    return { ...schema, type: others.length > 0 ? [type!, ...others] : type! };
  }
  const kept = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (kept?.length !== 1) return schema;
  const { anyOf: _, ...rest } = schema;
  return { ...rest, ...kept[0] };
}

function describeBody(
  route: RestRoute,
  input: ReturnType<Shapes['input']>,
  inPath: string[],
): DescribedOperation['requestBody'] | null {
  if (route.operation.takes_file) return { required: true, content: { 'application/octet-stream': {} } };
  if (!input || hasQuery(route)) return null;
  const { properties = {}, required = [], ...rest } = input.schema;
  const names = Object.keys(properties).filter((name) => !inPath.includes(name));
  if (names.length === 0) return null;
  const schema =
    inPath.length === 0
      ? input.body
      : {
          ...rest,
          properties: Object.fromEntries(names.map((name) => [name, properties[name]!])),
          required: required.filter((name) => names.includes(name)),
        };
  return { required: true, content: { 'application/json': { schema } } };
}

function describeAnswer(operation: Operation, shapes: Shapes): DescribedOperation['responses'] {
  const { output } = operation;
  if ('files' in output) {
    return {
      200: { description: 'The file.', content: Object.fromEntries(output.files.map((type) => [type, {}])) },
      302: { description: 'The file is in storage, at the address of `Location`, for a few minutes.' },
    };
  }
  if (output.status === 204) return { 204: { description: 'Done.' } };
  const schema = shapes.output(operation)!;
  return { [output.status]: { description: 'Done.', content: { 'application/json': { schema } } } };
}
