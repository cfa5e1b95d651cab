import { expect, test } from 'vitest';
import { readEnv } from '../env.ts';
import { findOwnServices, hostOf, isPrivate, judgeAddress, type OwnService, refuseAddress } from './address.ts';

const OWN: OwnService[] = [
  { name: 'database', port: 5432, addresses: ['127.0.0.1'] },
  { name: 'Ray', port: 8265, addresses: ['10.0.0.7'] },
];

/** The host of an address as it is written, by the parser that every request goes through. */
const host = (written: string) => hostOf(new URL(`http://${written}/v1`));

test.each([
  '169.254.169.254',
  '169.254.0.1',
  '2852039166', // 169.254.169.254 as one number
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '[fe80::1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::169.254.169.254]',
  '[fd00:ec2::254]',
  '100.100.100.200',
  '224.0.0.1',
  '[ff02::1]',
  '255.255.255.255',
])('nothing may be at %s', (written) => {
  expect(refuseAddress(host(written), 80, OWN)).toMatch(/no model answers/);
});

test.each([
  ['127.0.0.1', 5432, 'database'],
  ['127.1', 5432, 'database'],
  ['2130706433', 5432, 'database'],
  ['127.9.9.9', 5432, 'database'],
  ['0.0.0.0', 5432, 'database'],
  ['[::]', 5432, 'database'],
  ['[::1]', 5432, 'database'],
  ['[::ffff:127.0.0.1]', 5432, 'database'],
  ['10.0.0.7', 8265, 'Ray'],
  ['[::ffff:10.0.0.7]', 8265, 'Ray'],
])('%s, port %i, is our own %s', (written, port, name) => {
  expect(refuseAddress(host(written), port, OWN)).toContain(`own ${name}`);
});

test.each([
  ['127.0.0.1', 11434],
  ['10.0.0.8', 8265],
  ['192.168.1.4', 5432],
  ['[::1]', 8000],
  ['93.184.215.14', 443],
])('an endpoint may be at %s, port %i', (written, port) => {
  expect(refuseAddress(host(written), port, OWN)).toBeNull();
});

test.each([
  ['127.0.0.1', true],
  ['[::1]', true],
  ['10.1.2.3', true],
  ['172.20.0.1', true],
  ['192.168.1.1', true],
  ['[fd12::1]', true],
  ['[::ffff:10.1.2.3]', true],
  ['93.184.215.14', false],
  ['172.32.0.1', false],
  ['[2606:2800:21f:cb07:6820:80da:af6b:8b2c]', false],
])('%s is private: %s', (written, expected) => {
  expect(isPrivate(host(written))).toBe(expected);
});

const env = readEnv({
  TOUCHSTONE_PORT: '4300',
  TOUCHSTONE_URL: 'http://localhost:4300',
  DATABASE_URL: 'postgresql://user:password@localhost/touchstone',
  TOUCHSTONE_STORAGE_URL: 's3://bucket/prefix?endpoint=http%3A%2F%2F127.0.0.1%3A7070',
  RAY_ADDRESS_HTTP: 'http://127.0.0.1:8265',
  MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000',
  TOUCHSTONE_KEY_FILE: 'unused',
  TOUCHSTONE_JOB_PUBLIC_KEY_FILE: 'unused',
  TOUCHSTONE_CREDENTIAL_FILE: 'unused',
});

test('our own services are those that the environment names', async () => {
  const ports = (await findOwnServices(env)).map(({ name, port }) => `${name} ${port}`);
  expect(new Set(ports)).toEqual(new Set(['server 4300', 'database 5432', 'Ray 8265', 'MLflow 5000', 'storage 7070']));
});

test.each([
  ['http://localhost:8265', /own Ray/],
  ['http://localhost:5432/v1', /own database/],
  ['http://LOCALHOST:7070/bucket', /own storage/],
  ['http://localhost:4300/v1', /own server/],
])('a name is judged by what it stands for: %s', async (address, reason) => {
  expect((await judgeAddress(env, address)).refused).toMatch(reason);
});

test('a name that stands for nothing is no reason to refuse: it may come up later', async () => {
  expect(await judgeAddress(env, 'http://no-such-host.invalid/v1')).toEqual({ refused: null, private: false });
});
