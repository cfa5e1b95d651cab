import { AppError } from './errors.ts';

const MOST_DEPTH = 64;

/**
 * Refuses what nothing behind the server can keep: NUL, half a character (a lone surrogate), and nesting without end.
 * @throws AppError INVALID that names the field.
 */
export function checkText(value: unknown, path: readonly string[] = []): void {
  const refuse = (why: string) => {
    throw new AppError('INVALID', `${path.slice(0, 8).join('.') || 'The input'}: ${why}`);
  };
  if (typeof value === 'string') {
    if (value.includes('\0')) refuse('a text cannot hold a NUL character.');
    if (!value.isWellFormed()) refuse('the text holds half a character (a lone surrogate).');
  } else if (typeof value === 'object' && value !== null) {
    if (path.length >= MOST_DEPTH) refuse(`nested more than ${MOST_DEPTH} deep.`);
    for (const [key, item] of Object.entries(value)) {
      checkText(key, path);
      checkText(item, [...path, key]);
    }
  }
}
