/**
 * Builds the package as other apps install it: JavaScript for Node 20 with the schemas in it, and declarations that stand
 * alone. The compiler writes a router's type with every input and output spelled out, so that nothing of the server comes with it.
 * (@types/ws is a dependency because the declarations of @trpc/client name it, as it was until 8.5.13.)
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const emitted = join(dist, 'emitted'); // as in tsconfig.build.json
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const external = Object.keys(dependencies);

rmSync(dist, { recursive: true, force: true });
await build({
  entryPoints: [join(root, 'src/index.ts'), join(root, 'src/schemas.ts')],
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external,
  logLevel: 'warning',
});

const compiler = join(root, 'node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
for (const [from, to] of [
  ['packages/client/src/*.d.ts', '.'],
  ['apps/server/src/router.d.ts', '.'],
  ['packages/schemas/src/*.d.ts', 'schemas'],
]) {
  mkdirSync(join(dist, to), { recursive: true });
  for (const file of globSync(join(emitted, from))) {
    writeFileSync(join(dist, to, basename(file)), standAlone(readFileSync(file, 'utf8'), relative(emitted, file)));
  }
}
rmSync(emitted, { recursive: true });

/** A declaration whose imports are this package's own files and dependencies. @throws where another one is left */
function standAlone(declaration, file) {
  const text = declaration
    // What the server keeps for a request, and what it notes about a procedure, are no client's business.
    .replace(/\b(ctx|meta): import\("[^"]+"\)\.\w+;/g, '$1: object;')
    .replace(/(['"])@touchstone\/schemas\1/g, '$1./schemas/index.js$1')
    .replace(/(['"])@touchstone\/server\/router\1/g, '$1./router.js$1')
    .replace(/(['"])(\.\/[\w-]+)\.ts\1/g, '$1$2.js$1');
  for (const [, name] of text.matchAll(/(?:\bfrom |\bimport\()['"]([^'"]+)['"]/g)) {
    if (!name.startsWith('./') && !external.includes(name)) {
      throw new Error(`The declaration of ${file} needs "${name}", which other apps do not have.`);
    }
  }
  return text;
}
