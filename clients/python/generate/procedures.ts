import type { ApiDocument, DescribedOperation, JsonSchema } from '@touchstone/server/api-document';
import { pascal, type Shapes } from './shapes.ts';

const HEAD = `"""Touchstone's procedures. Made of its OpenAPI document by \`npm run generate:python\`: not edited by hand.

What may be left out is None by default, and is then not sent. \`request_id\` is made where it is left out: a call that is
repeated because its answer was lost does not start anything twice.
"""

import builtins
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

`;

/** These are written by hand on top of the generated shape, and have methods. */
const HANDLES: Record<string, string> = { Dataset: 'dataset', Experiment: 'experiment', Job: 'job' };
const KEYWORDS = new Set(['as', 'from', 'in', 'is', 'class', 'def', 'not', 'or', 'and', 'if', 'import', 'global']);

/** An argument of a method. `send`: how its value is written into the request. */
type Argument = { name: string; field: string; type: string; required: boolean; send: string };

/** The module with one class for each noun and one method for each procedure. */
export function writeProcedures({ paths }: ApiDocument, shapes: Shapes): string {
  const nouns = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const noun = operation.tags[0]!;
      nouns.set(noun, [...(nouns.get(noun) ?? []), writeMethod(noun, method.toUpperCase(), path, operation, shapes)]);
    }
  }
  const classes = [...nouns].map(
    ([noun, methods]) => `class ${pascal(noun)}Procedures(Procedures):\n${methods.join('\n\n')}`,
  );
  const attributes = [...nouns.keys()].map((noun) => `        self.${noun} = ${pascal(noun)}Procedures(connection)`);
  const all = `class AllProcedures:\n    def __init__(self, connection: Connection) -> None:\n${attributes.join('\n')}`;
  const body = `${[...classes, all].join('\n\n\n')}\n`;
  const names = shapes.namesIn([body]).filter((name) => !(name in HANDLES));
  const imports = [
    'from touchstone_client.connection import Connection, Procedures, Ref, given, id_of, new_request_id, segment',
    ...Object.entries(HANDLES).map(([name, module]) => `from touchstone_client.${module} import ${name}`),
    `from touchstone_client.shapes import (\n${names
      .toSorted()
      .map((name) => `    ${name},`)
      .join('\n')}\n)`,
  ];
  return `${HEAD}${imports.join('\n')}\n\n\n${body}`;
}

function writeMethod(
  noun: string,
  method: string,
  path: string,
  operation: DescribedOperation,
  shapes: Shapes,
): string {
  const name = operation.operationId.slice(noun.length + 1);
  const scope = pascal(operation.operationId);
  const { parameters = [], requestBody } = operation;
  const argument = (field: string, schema: JsonSchema, required: boolean) =>
    readArgument(field, schema, required, shapes.typeOf(schema, 'sent', scope + pascal(field)));

  const inPath = parameters.filter((one) => one.in === 'path').map((one) => argument(one.name, one.schema!, true));
  const query = parameters
    .filter((one) => one.in === 'query')
    .map((one) => argument(one.name, one.schema ?? one.content!['application/json']!.schema, one.required));
  const body = bodyOf(operation, shapes).map(([field, schema, required]) => argument(field, schema, required));
  const takesFile = requestBody !== undefined && 'application/octet-stream' in requestBody.content;
  const answer = answerOf(operation, method, scope, shapes);

  const given = [...query, ...body].filter(({ field }) => !(answer.paged && field === 'cursor'));
  const named = [...given.filter(({ required }) => required), ...given.filter(({ required }) => !required)];
  const signature = [
    'self',
    ...inPath.map(({ name: one, type }) => `${one}: ${type}`),
    ...(takesFile ? ['file: Iterable[bytes]', '/'] : []),
    ...(answer.isFile ? ['to: str | Path'] : []),
    ...(named.length > 0 ? ['*'] : []),
    ...named.map(({ name: one, type, required }) => `${one}: ${type}${required ? '' : `${optional(type)} = None`}`),
  ];
  const address = `f"${path.replace(/\{(\w+)\}/g, (_, field: string) => `{segment(${field})}`)}"`;
  const call = [
    ...((answer.paged ?? answer.type) ? [answer.paged ?? answer.type] : []),
    ...(answer.isFile || answer.paged ? [] : [`"${method}"`]),
    inPath.length > 0 ? address : address.slice(1),
    ...(answer.isFile ? ['to'] : []),
    ...(answer.paged ? ['limit=limit'] : []),
    ...writeFields(
      'query',
      answer.paged ? query.filter(({ field }) => field !== 'cursor' && field !== 'limit') : query,
    ),
    ...writeFields('body', body),
    ...(takesFile ? ['content=file'] : []),
  ];
  const verb = answer.isFile ? 'download' : answer.paged ? 'pages' : answer.type === null ? 'do' : 'ask';
  const returns = answer.isFile ? 'Path' : answer.paged ? `builtins.list[${answer.paged}]` : (answer.type ?? 'None');
  const note = answer.paged ? ' Read page by page; `limit`: at most so many.' : '';
  return [
    `    def ${name}(${signature.join(', ')}) -> ${returns}:`,
    `        """${operation.summary}.${note}"""`,
    `        ${returns === 'None' ? '' : 'return '}self._connection.${verb}(${call.join(', ')})`,
  ].join('\n');
}

function readArgument(field: string, schema: JsonSchema, required: boolean, type: string): Argument {
  const name = KEYWORDS.has(field) ? `${field}_` : field;
  // Left out, it is made.
  if (field === 'request_id') return { name, field, type, required: false, send: 'request_id or new_request_id()' };
  if (schema.format === 'uuid') return { name, field, type: 'Ref', required, send: `id_of(${name})` };
  if (schema.items?.format === 'uuid') {
    return { name, field, type: 'Sequence[Ref]', required, send: `[id_of(one) for one in ${name}]` };
  }
  return { name, field, type, required, send: name };
}

const optional = (type: string) => (type.endsWith('| None') ? '' : ' | None');

/** `query={…}`: what is required, and what was given. */
function writeFields(as: 'query' | 'body', fields: readonly Argument[]): string[] {
  if (fields.length === 0) return [];
  const isSent = ({ required, field }: Argument) => required || field === 'request_id';
  const always = fields.filter(isSent).map(({ field, send }) => `"${field}": ${send}`);
  const rest = fields.filter((one) => !isSent(one));
  const perhaps = rest.map(({ field, name, type, send }) => {
    const value = type === 'Ref' ? `${name} and ${send}` : send;
    return name === field ? `${field}=${value}` : `**{"${field}": ${value}}`;
  });
  const given = `given(${perhaps.join(', ')})`;
  if (always.length === 0) return [`${as}=${given}`];
  return [`${as}={${[...always, ...(rest.length > 0 ? [`**${given}`] : [])].join(', ')}}`];
}

/** The fields of the body; those of a named shape are arguments too. */
function bodyOf({ requestBody }: DescribedOperation, shapes: Shapes): [string, JsonSchema, boolean][] {
  const schema = requestBody?.content['application/json']?.schema;
  if (!schema) return [];
  const { properties = {}, required = [] } = schema.$ref === undefined ? schema : shapes.find(schema.$ref);
  return Object.entries(properties).map(([field, one]) => [field, one, required.includes(field)]);
}

type Answer = { type: string | null; paged: string | null; isFile: boolean };

function answerOf({ responses }: DescribedOperation, method: string, scope: string, shapes: Shapes): Answer {
  const [, { content = {} }] = Object.entries(responses).find(([status]) => /^20[01]$/.test(status)) ?? ['', {}];
  const schema = content['application/json']?.schema;
  const isFile = Object.keys(content).length > 0 && !schema;
  // Who deletes knows what.
  if (isFile || !schema || method === 'DELETE') return { type: null, paged: null, isFile };
  const { items, next_cursor } = schema.properties ?? {};
  if (items && next_cursor) {
    return { type: null, paged: shapes.typeOf(items.items!, 'answered', `${scope}Item`), isFile: false };
  }
  const type = shapes.typeOf(schema, 'answered', `${scope}Answer`);
  return { type: type.replace(/^list\[/, 'builtins.list['), paged: null, isFile: false };
}
