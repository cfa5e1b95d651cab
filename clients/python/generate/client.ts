import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { programOf } from '@touchstone/local-stack';
import { readDocument } from '@touchstone/server/api-document';
import { writeProcedures } from './procedures.ts';
import { createShapes } from './shapes.ts';

const PACKAGE = join(import.meta.dirname, '..', 'src', 'touchstone_client');

/** The generated files, by their paths. */
export async function generateClient(): Promise<Record<string, string>> {
  const document = await readDocument();
  const shapes = createShapes(document);
  // First the procedures: they give names to shapes that have none in the document.
  const procedures = writeProcedures(document, shapes);
  return {
    [join(PACKAGE, 'shapes.py')]: format(shapes.write()),
    [join(PACKAGE, 'procedures.py')]: format(procedures),
  };
}

/** As the rest of the package is written, without the imports that nothing needs. */
function format(python: string): string {
  const ruff = (command: string[], input: string) =>
    execFileSync(programOf('python-client', 'ruff'), [...command, '-'], { input, encoding: 'utf8', cwd: PACKAGE });
  return ruff(['format'], ruff(['check', '--quiet', '--fix-only', '--select', 'I,F401'], python));
}
