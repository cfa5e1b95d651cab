import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweep } from '../reconciler/sweep.ts';
import { makeRows, uploadText } from '../testing/datasets.ts';
import { openTestServer, type TestServer } from '../testing/services.ts';
import { openDatasetSource } from './download.ts';
import { UploadTooLarge, uploadDataset } from './upload.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const storedKeys = async () => (await Array.fromAsync(server.services.storage.list('datasets/'))).map(({ key }) => key);

describe('a dataset', () => {
  test('comes back as written: preview, source, counts', async () => {
    const source = 'examples,ground_truth,n\n"a ""quoted"", two\nlines", x ,007\nb,,1e5\n😀, \t,\n';
    const dataset = await uploadText(server.ctx, source, 'My rows.csv');
    expect(dataset).toMatchObject({
      name: 'My rows',
      filename: 'My rows.csv',
      row_count: 3,
      size_bytes: Buffer.byteLength(source),
      columns: [
        { name: 'examples', blank: 0 },
        { name: 'ground_truth', blank: 2 },
        { name: 'n', blank: 1 },
      ],
    });
    const preview = await server.caller.datasets.preview({ id: dataset.id });
    expect(preview.rows).toEqual([
      { row_id: 0, values: ['a "quoted", two\nlines', ' x ', '007'] },
      { row_id: 1, values: ['b', '', '1e5'] },
      { row_id: 2, values: ['😀', ' \t', ''] },
    ]);
    expect((await server.caller.datasets.preview({ id: dataset.id, offset: 2, limit: 5 })).rows).toHaveLength(1);
    expect(await text((await openDatasetSource(server.ctx, dataset.id)).stream)).toBe(source);
  });

  test('larger than the limit, or cut off, leaves nothing', async () => {
    const before = await storedKeys();
    const big = Readable.from([Buffer.from('a\n'), Buffer.alloc(2000, 'x')]);
    await expect(uploadDataset(server.ctx, { filename: 'x.csv', body: big, limit_bytes: 1000 })).rejects.toBeInstanceOf(
      UploadTooLarge,
    );
    async function* cut() {
      yield Buffer.from('a\n1\n');
      throw new Error('aborted');
    }
    await expect(
      uploadDataset(server.ctx, { filename: 'x.csv', body: Readable.from(cut()), limit_bytes: 1000 }),
    ).rejects.toThrow('aborted');
    expect(await storedKeys()).toEqual(before);
  });

  test('whose server died on the way is swept', async () => {
    const id = randomUUID();
    const { db, storage } = server.services;
    await db.dataset.create({
      data: { id, root_id: id, name: 'x', filename: 'x.csv', touched_at: new Date(Date.now() - 61_000) },
    });
    await storage.write(`datasets/${id}/source.csv`, 'a\n1\n');
    await sweep(server.services);
    expect(await storedKeys()).not.toContain(`datasets/${id}/source.csv`);
    expect(await db.dataset.findUnique({ where: { id } })).toBeNull();
  });

  test('is listed newest first, page by page, found by name', async () => {
    const names = ['alpha', 'beta', 'gamma'];
    for (const name of names) await uploadText(server.ctx, makeRows(1), `Paging ${name}.csv`);
    const first = await server.caller.datasets.list({ search: 'paging', limit: 2 });
    const second = await server.caller.datasets.list({ search: 'paging', limit: 2, cursor: first.next_cursor });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
      'Paging gamma',
      'Paging beta',
      'Paging alpha',
    ]);
    expect(second.next_cursor).toBeNull();
    await uploadText(server.ctx, '{"a":1}\n', 'Paging delta.jsonl');
    const named = async (filter: { format?: 'csv' | 'jsonl'; provenance?: 'uploaded' | 'edited' }) =>
      (await server.caller.datasets.list({ search: 'paging', ...filter })).items.map(({ name }) => name);
    expect(await named({ format: 'jsonl' })).toEqual(['Paging delta']);
    await uploadText(server.ctx, makeRows(1), 'By  hand.csv');
    for (const search of ['b', 'BY', 'hand by', 'by ha', 'hand.csv']) {
      expect((await server.caller.datasets.list({ search })).items.map(({ name }) => name)).toContain('By  hand');
    }
    expect(await named({ format: 'csv', provenance: 'uploaded' })).toHaveLength(3);
    const { id } = first.items[0]!;
    const changes = [{ row_id: 0, column: 'examples', value: 'New.' }];
    await server.caller.datasets.edit({ request_id: randomUUID(), id, changes });
    expect(await named({ provenance: 'edited' })).toEqual(['Paging gamma']);
    expect(await named({ format: 'csv' })).toEqual(['Paging beta', 'Paging alpha']);
    await expect(server.caller.datasets.list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('cannot be deleted while an experiment uses it, which is named', async () => {
    const dataset = await uploadText(server.ctx, makeRows(3));
    const experiment = await server.caller.experiments.create({
      request_id: randomUUID(),
      name: 'Uses it',
      dataset_id: dataset.id,
      input_column: 'examples',
      reference_column: 'ground_truth',
      task: 'summarization',
      models: ['baseline/copy'],
      metrics: ['rouge'],
    });
    await expect(server.caller.datasets.remove({ id: dataset.id })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('"Uses it"'),
    });
    await server.caller.experiments.remove({ id: experiment.id, force: true });
    await server.caller.datasets.remove({ id: dataset.id });
    await expect(server.caller.datasets.get({ id: dataset.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
