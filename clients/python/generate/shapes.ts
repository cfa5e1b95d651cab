import type { ApiDocument, JsonSchema } from '@touchstone/server/api-document';

/** What is answered is a class with attributes; what is sent is a dict with known keys. */
export type Side = 'answered' | 'sent';

export type Shapes = {
  /** The Python type of a schema. Objects without a name in the document get `name`. */
  typeOf(schema: JsonSchema, side: Side, name: string): string;
  /** The component that is meant by `#/components/schemas/…`. @throws Error where there is none */
  find(ref: string): JsonSchema;
  /** The names that `types` speak of. */
  namesIn(types: readonly string[]): string[];
  /** The module that defines every shape that was asked for. */
  write(): string;
};

const HEAD = `"""The shapes of Touchstone's API. Made of its OpenAPI document by \`npm run generate:python\`: not edited by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from typing_extensions import NotRequired, TypedDict


def _keep_unknown(value: Any, parse: ValidatorFunctionWrapHandler) -> Any:
    try:
        return parse(value)
    except ValidationError:
        return value


#: A newer server may answer with what this client does not know: it stays as it came.
_OPEN = WrapValidator(_keep_unknown)


class Shape(BaseModel):
    """What the server answered. Fields that this client does not know are kept."""

    model_config = ConfigDict(extra="allow")
`;

const PREFIX = '#/components/schemas/';
const SIMPLE: Record<string, string> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  null: 'None',
};

type Variants = { variants: JsonSchema[]; nullable: boolean };

/** Reads the document's components as they are asked for. */
export function createShapes({ components }: ApiDocument): Shapes {
  const defined = new Map<string, string>();

  function typeOf(schema: JsonSchema, side: Side, name: string): string {
    if (schema.$ref !== undefined) return refer(schema.$ref, side);
    if (schema.const !== undefined) return `Literal[${JSON.stringify(schema.const)}]`;
    if (Array.isArray(schema.enum)) return `Literal[${schema.enum.map((one) => JSON.stringify(one)).join(', ')}]`;
    const { variants, nullable } = variantsOf(schema);
    if (variants.length > 1 || nullable) {
      const types = [
        ...new Set(variants.map((one) => typeOf(one, side, variants.length > 1 ? variantName(one, name) : name))),
      ];
      return [...types, ...(nullable ? ['None'] : [])].join(' | ');
    }
    if (Array.isArray(schema.prefixItems)) {
      const items = (schema.prefixItems as JsonSchema[]).map((item) => typeOf(item, side, singular(name)));
      return `tuple[${items.join(', ')}]`;
    }
    if (schema.type === 'array') {
      const item = typeOf(schema.items ?? {}, side, singular(name));
      return side === 'sent' ? `Sequence[${item}]` : `list[${item}]`;
    }
    if (schema.properties) return define(name, schema, side);
    if (schema.type === 'object') {
      const value = typeOf((schema.additionalProperties as JsonSchema | undefined) ?? {}, side, singular(name));
      return side === 'sent' ? `Mapping[str, ${value}]` : `dict[str, ${value}]`;
    }
    if (schema.format === 'date-time' && side === 'answered') return 'datetime';
    const simple = SIMPLE[schema.type as string];
    if (simple === undefined) throw new Error(`${name} has no type that Python knows: ${JSON.stringify(schema)}`);
    return simple;
  }

  function find(ref: string): JsonSchema {
    const schema = components.schemas[ref.slice(PREFIX.length)];
    if (!schema) throw new Error(`The document has no shape ${ref}.`);
    return schema;
  }

  function refer(ref: string, side: Side): string {
    const component = ref.slice(PREFIX.length);
    const schema = find(ref);
    if (isJson(schema, component)) return 'JsonValue';
    const name = component.replace('-', '');
    if (schema.properties) return define(name, schema, side);
    if (!defined.has(name)) {
      const type = typeOf(schema, side, name);
      const isOpen = schema.enum !== undefined || variantsOf(schema).variants.length > 1;
      defined.set(name, `${name}: TypeAlias = ${isOpen ? `Annotated[${type}, _OPEN]` : type}`);
    }
    return name;
  }

  function define(name: string, { properties = {}, required = [] }: JsonSchema, side: Side): string {
    const written = defined.get(name);
    const fields = Object.entries(properties).map(([field, schema]) => {
      const type = typeOf(schema, side, name + pascal(field));
      // A method of pydantic's has the name.
      if (side === 'answered' && field === 'schema') return `    schema_: ${type} = Field(alias="schema")`;
      if (required.includes(field)) return `    ${field}: ${type}`;
      if (side === 'sent') return `    ${field}: NotRequired[${type}]`;
      return `    ${field}: ${type.endsWith('| None') ? type : `${type} | None`} = None`;
    });
    const text = `class ${name}(${side === 'sent' ? 'TypedDict' : 'Shape'}):\n${fields.join('\n')}`;
    if (written !== undefined && written !== text) throw new Error(`Two shapes would be called ${name}.`);
    defined.set(name, text);
    return name;
  }

  return {
    typeOf,
    find,
    namesIn: (types) => [...defined.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(types.join(' '))),
    // Each is defined after those that it is made of.
    write: () => `${HEAD}\n\n${[...defined.values()].join('\n\n\n')}\n`,
  };
}

/** The name in Python of what the document calls `some_thing` or `some-thing`. */
export function pascal(name: string): string {
  return name.replace(/(?:^|[_-])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '');
}

/** One of several objects is known by its constant field, as in `kind: 'edited'`. */
function variantName({ properties = {} }: JsonSchema, name: string): string {
  const constant = Object.values(properties).find((one) => typeof one.const === 'string')?.const as string | undefined;
  const [only = ''] = Object.keys(properties);
  return name + pascal(constant ?? only);
}

function variantsOf({ anyOf, oneOf, type, ...rest }: JsonSchema): Variants {
  const listed =
    anyOf ??
    (oneOf as JsonSchema[] | undefined) ??
    (Array.isArray(type) ? type.map((one) => ({ ...rest, type: one })) : []);
  return { variants: listed.filter((one) => one.type !== 'null'), nullable: listed.some((one) => one.type === 'null') };
}

/** Any value at all: it contains itself. */
function isJson(schema: JsonSchema, component: string): boolean {
  return schema.anyOf?.some(({ items }) => items?.$ref === PREFIX + component) ?? false;
}
