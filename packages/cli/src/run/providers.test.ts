/** Every config in the guide to models is one that runs, and shows the presets as they are. */
import { readFile } from 'node:fs/promises';
import { ExperimentConfig, PROVIDER_IDS, PROVIDERS } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const guide = await readFile(new URL('../../../../docs/guide/models.md', import.meta.url), 'utf8');
const configs = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => ExperimentConfig.parse(parse(yaml!)));

test.each(PROVIDER_IDS)('the guide has a config for %s', (id) => {
  const { label, base_url, secret, start } = PROVIDERS[id];
  const models = configs.find(({ name }) => name === label)?.models;
  expect(models).toMatchObject([{ base_url, ...(secret !== null && { secret }) }]);
  if (start !== null) expect(guide).toContain(start.replace('{model}', models![0]!.model));
});
