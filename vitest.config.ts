/** All unit and integration tests, one process over all packages: `vitest run`, or `vitest run --project db`. */
import { defineConfig } from 'vitest/config';

/** Projects whose tests use a Postgres: one for the whole run, and a database for each file (createTestDatabase). */
const WITH_POSTGRES = ['packages/db', 'packages/local-stack', 'apps/server'];
const WITHOUT = [
  'faults',
  'packages/schemas',
  'packages/fake-llm',
  'packages/storage',
  'packages/tracking',
  'packages/ray-client',
  'packages/client',
  'packages/cli',
  'packages/operations',
  'clients/python',
];

export default defineConfig({
  test: {
    projects: [
      ...[...WITH_POSTGRES, ...WITHOUT].map((root) => ({
        root,
        test: {
          name: root.split('/')[1] ?? root,
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tests/**/*.test.ts'],
          globalSetup: WITH_POSTGRES.includes(root) ? ['../../packages/local-stack/src/global-setup.ts'] : [],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      })),
      'apps/web',
      { root: 'scripts', test: { name: 'scripts', include: ['*.test.mjs'], testTimeout: 30_000 } },
    ],
  },
});
