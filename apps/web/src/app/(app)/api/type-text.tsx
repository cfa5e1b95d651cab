import { Fragment, type ReactNode } from 'react';
import { type JsonSchema, nameOf } from './document.ts';

export const shapeId = (name: string) => `shape-${name}`;

/** A JSON Schema as one would write the type in TypeScript; a named shape is a link to it. */
export function TypeText({ schema }: { schema: JsonSchema }) {
  return <code className="block font-mono text-sm break-words whitespace-pre-wrap">{typeOf(schema, '')}</code>;
}

function typeOf(schema: JsonSchema, indent: string): ReactNode {
  const { $ref, enum: values, anyOf, oneOf, items, properties, additionalProperties } = schema;
  const fallback = schema.default === undefined ? null : ` = ${JSON.stringify(schema.default)}`;
  const withDefault = (type: ReactNode) => (
    <>
      {type}
      {fallback && <span className="text-muted">{fallback}</span>}
    </>
  );
  if ($ref) {
    return withDefault(
      <a href={`#${shapeId(nameOf($ref))}`} className="link">
        {nameOf($ref)}
      </a>,
    );
  }
  if (values) return withDefault(values.map((value) => JSON.stringify(value)).join(' | '));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const options = anyOf ?? oneOf;
  if (options)
    return withDefault(
      joined(
        options.map((option) => typeOf(option, indent)),
        ' | ',
      ),
    );
  if (items) return <>{typeOf(items, indent)}[]</>;
  if (properties) return <Fields schema={schema} indent={indent} />;
  if (typeof additionalProperties === 'object')
    return <>Record&lt;string, {typeOf(additionalProperties, indent)}&gt;</>;
  return withDefault(scalarOf(schema));
}

function Fields({ schema: { properties = {}, required = [] }, indent }: { schema: JsonSchema; indent: string }) {
  const deeper = `${indent}  `;
  return (
    <>
      {'{\n'}
      {Object.entries(properties).map(([name, schema]) => (
        <Fragment key={name}>
          {deeper}
          {name}
          {!required.includes(name) && '?'}: {typeOf(schema, deeper)}
          {'\n'}
        </Fragment>
      ))}
      {`${indent}}`}
    </>
  );
}

function scalarOf({ type, format, minimum, maximum }: JsonSchema): string {
  const name = [type ?? 'any'].flat().join(' | ');
  // The ends of what JavaScript counts exactly are no rule of ours.
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : null;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : null;
  const range = low === null && high === null ? '' : ` ${low ?? ''}…${high ?? ''}`;
  return format ? `${name} (${format})` : `${name}${range}`;
}

function joined(nodes: readonly ReactNode[], separator: string): ReactNode {
  return nodes.reduce((text, node) => (
    <>
      {text}
      {separator}
      {node}
    </>
  ));
}
