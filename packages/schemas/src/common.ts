import { z } from 'zod';
import { findNearest } from './nearest.ts';

export { findNearest };

/** `"promt" is not known here: did you mean "prompt"?`, or the list of what is known. */
export function explainUnknown(name: string, known: readonly string[]): string {
  const nearest = findNearest(name, known);
  return nearest
    ? `"${name}" is not known here: did you mean "${nearest}"?`
    : `"${name}" is not known here. Known: ${known.join(', ')}.`;
}

/** An object in which an unknown key is an error that names the nearest known key. */
export function object<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      // Of the object that was asked, which may extend this one.
      const { shape: known } = issue.inst as unknown as z.ZodObject;
      return issue.keys.map((key: string) => explainUnknown(key, Object.keys(known))).join(' ');
    },
  });
}

/** One name of a list; another is an error that names the nearest. */
export function oneOf<const T extends readonly [string, ...string[]]>(names: T) {
  return z.enum(names, {
    error: (issue) => (typeof issue.input === 'string' ? explainUnknown(issue.input, names) : undefined),
  });
}

/** A zod error as lines a person can act on: `models[0].params: "temprature" is not known here: did you mean "temperature"?` */
export function explainError(error: z.ZodError): string {
  return error.issues.map(explainIssue).join('\n');
}

export function explainIssue({ path, message }: Pick<z.core.$ZodIssue, 'path' | 'message'>): string {
  const place = path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  );
  return place ? `${place}: ${message}` : message;
}

export const Id = z.uuid();
export const Name = z.string().trim().min(1, 'Give it a name.').max(200, 'At most 200 characters.');
export const Description = z.string().trim().max(2000, 'At most 2,000 characters.');
export const Timestamp = z.iso.datetime();
/** SHA-256 in hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const Count = z.int().min(0);

/** Any JSON value. */
export const Json = z.json();

/** Made by whoever asks for something to be created or started: the same id again returns the first result. */
export const RequestId = z.uuid();

export const IdInput = object({ id: Id });

/** Keyset paging: `cursor` is the `next_cursor` of the page before. */
export const PageInput = object({
  cursor: z.string().max(200).nullish(),
  limit: z.int().min(1).max(200).default(50),
});

export function page<T extends z.ZodType>(item: T) {
  return object({ items: z.array(item), next_cursor: z.string().nullable() });
}
