import type { QueryKey } from '@tanstack/react-query';
import type { ChangeEvent } from '@touchstone/schemas';
import { expect, test } from 'vitest';
import { staleQueries } from './stale-queries.ts';

const key = (path: string, input?: object): QueryKey => [path.split('.'), { input, type: 'query' }];
const changed = (noun: ChangeEvent['noun'], id = 'a'): ChangeEvent[] => [{ noun, id }];

test.each([
  ['the thing itself', changed('experiment'), key('experiments.get', { id: 'a' }), 'refetch'],
  ['another of its kind', changed('experiment'), key('experiments.get', { id: 'b' }), null],
  ['the list it stands in', changed('experiment'), key('experiments.list', { limit: 50 }), 'refetch'],
  ['rows of the experiment', changed('experiment'), key('rows.list', { experiment_id: 'a', offset: 50 }), 'refetch'],
  ['rows of another', changed('experiment'), key('rows.list', { experiment_id: 'b' }), null],
  ['datasets, whose use may have changed', changed('experiment'), key('datasets.get', { id: 'x' }), 'when_next_shown'],
  ['a job', changed('job'), key('jobs.get', { id: 'a' }), 'refetch'],
  ['status, which has no id', changed('status'), key('status.get'), 'refetch'],
  ['the session', changed('status'), key('session.get'), null],
  ['a key that is not of the API', changed('job'), ['other'], null],
  ['anything, where the server missed what changed', changed('status', '*'), key('jobs.get', { id: 'b' }), 'refetch'],
  ['the later of two changes', [...changed('job'), ...changed('secret')], key('secrets.list'), 'refetch'],
])('a change and %s', (_, changes, queryKey, verdict) => expect(staleQueries(changes, queryKey)).toBe(verdict));
