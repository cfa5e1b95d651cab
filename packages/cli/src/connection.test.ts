import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCredential, findHome } from './connection.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'touchstone-home-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOCAL = { url: 'http://127.0.0.1:4300', api_key: 'tsk_local' };

function makeHome(path: string, content: string = JSON.stringify(LOCAL)): string {
  const home = join(folder, path);
  mkdirSync(join(home, 'keys'), { recursive: true });
  writeFileSync(join(home, 'keys', 'credential.json'), content);
  return home;
}

test('the folder: TOUCHSTONE_HOME, else the nearest .touchstone upwards, else the clone', () => {
  const home = makeHome('a/.touchstone');
  const cwd = join(folder, 'a', 'b', 'c');
  mkdirSync(cwd, { recursive: true });
  expect(findHome({ env: {}, cwd })).toBe(home);
  expect(findHome({ env: { TOUCHSTONE_HOME: '/elsewhere' }, cwd })).toBe('/elsewhere');
  expect(findHome({ env: { TOUCHSTONE_HOME: '../own' }, cwd })).toBe(join(folder, 'a', 'b', 'own'));
  expect(findHome({ env: {}, cwd: folder, clone: '/clone' })).toBe('/clone/.touchstone');
});

test('what is given beats the environment, and that beats the file', () => {
  const home = makeHome('home');
  const env = { TOUCHSTONE_HOME: home };
  const find = (given: { url?: string; apiKey?: string }, more = {}) =>
    findCredential(given, { env: { ...env, ...more }, cwd: folder });
  expect(find({})).toEqual(LOCAL);
  expect(find({}, { TOUCHSTONE_URL: '', TOUCHSTONE_API_KEY: '' })).toEqual(LOCAL);
  expect(find({}, { TOUCHSTONE_URL: 'http://b:1', TOUCHSTONE_API_KEY: 'tsk_b' })).toEqual({
    url: 'http://b:1',
    api_key: 'tsk_b',
  });
  expect(
    find({ url: 'http://c:1', apiKey: 'tsk_c' }, { TOUCHSTONE_URL: 'http://b:1', TOUCHSTONE_API_KEY: 'tsk_b' }),
  ).toEqual({
    url: 'http://c:1',
    api_key: 'tsk_c',
  });
  expect(find({ apiKey: 'tsk_d' })).toEqual({ url: LOCAL.url, api_key: 'tsk_d' });
});

test('the local key goes to nobody but its own instance', () => {
  const places = { env: { TOUCHSTONE_HOME: makeHome('home') }, cwd: folder };
  expect(() => findCredential({ url: 'http://elsewhere:4300' }, places)).toThrow(
    'Give the API key for http://elsewhere:4300',
  );
  expect(findCredential({ url: 'http://127.0.0.1:4300/' }, places).api_key).toBe('tsk_local');
});

test('what to do where there is no credential, or a broken one', () => {
  const find = (home: string) => findCredential({}, { env: { TOUCHSTONE_HOME: home }, cwd: folder });
  expect(() => find(join(folder, 'none'))).toThrow(
    `there is no ${join(folder, 'none', 'keys', 'credential.json')}. Run \`npm start\` first`,
  );
  expect(() => find(makeHome('cut', '{"url": "http'))).toThrow('is damaged');
  expect(() => findCredential({ url: 'nonsense' }, { env: {}, cwd: folder })).toThrow('"nonsense" is not an address');
});
