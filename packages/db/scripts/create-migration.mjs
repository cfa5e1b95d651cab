/**
 * `node scripts/create-migration.mjs <name>`: writes prisma/migrations/<time>_<name>/migration.sql, the step from the schema
 * of the last migration (kept beside it as schema.prisma) to prisma/schema.prisma. Needs no database and no downloaded engine:
 * it drives Prisma's own schema engine as WebAssembly. A development tool; nothing at run time uses it.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';

const root = new URL('..', import.meta.url).pathname;
const migrations = `${root}prisma/migrations`;
const [name] = process.argv.slice(2);
if (!/^[a-z0-9_]+$/.test(name ?? '')) throw new Error('usage: node scripts/create-migration.mjs <name_in_lower_case>');

globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };

/** A difference of two schemas is computed without a database; all that the engine asks is which Postgres it is for. */
const unused = async () => {
  throw new Error('The schema engine asked for a database.');
};
const answerVersion = async () => ({
  columnNames: ['exists', 'version', 'numeric_version'],
  columnTypes: [5, 7, 0], // boolean, text, int32 of @prisma/driver-adapter-utils' ColumnTypeEnum
  rows: [[true, 'PostgreSQL 18', 180000]],
});
const connection = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  queryRaw: answerVersion,
  executeRaw: unused,
  executeScript: unused,
  startTransaction: unused,
  dispose: async () => {},
  getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
};
const noDatabase = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  connect: async () => connection,
  connectToShadowDb: async () => connection,
};

async function loadEngine() {
  const require = createRequire(import.meta.url);
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(require.resolve('@prisma/schema-engine-wasm').replace(/\.js$/, '_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings.SchemaEngine.new(
    { datamodels: undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(noDatabase),
  );
}

const target = readFileSync(`${root}prisma/schema.prisma`, 'utf8');
const previous = readdirSync(migrations, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()
  .at(-1);
const datamodel = (content) => ({
  tag: 'schemaDatamodel',
  files: [{ path: 'schema.prisma', content }],
  configDir: root,
});

const engine = await loadEngine();
const { stdout } = await engine.diff({
  from: previous ? datamodel(readFileSync(`${migrations}/${previous}/schema.prisma`, 'utf8')) : { tag: 'empty' },
  to: datamodel(target),
  script: true,
  exitCode: null,
  shadowDatabaseUrl: null,
  filters: { externalTables: [], externalEnums: [] },
});
const sql = stdout ?? '';
if (!/^\s*(?!--)\S/m.test(sql)) throw new Error('The schema has not changed since the last migration.');

const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const folder = `${migrations}/${time}_${name}`;
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/migration.sql`, sql);
writeFileSync(`${folder}/schema.prisma`, target);
console.log(`${folder.slice(root.length)}/migration.sql`);
process.exit(0);
