import { expect, test } from 'vitest';
import { readEnv } from './env.ts';

const COMPLETE = {
  TOUCHSTONE_PORT: '4300',
  TOUCHSTONE_URL: 'http://127.0.0.1:4300/',
  DATABASE_URL: 'postgresql://a:b@127.0.0.1:5432/touchstone',
  TOUCHSTONE_STORAGE_URL: 'file:///data',
  RAY_ADDRESS_HTTP: 'http://127.0.0.1:8265',
  MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000/mlflow',
  TOUCHSTONE_KEY_FILE: '/keys/server',
  TOUCHSTONE_JOB_PUBLIC_KEY_FILE: '/keys/job',
  TOUCHSTONE_CREDENTIAL_FILE: '/keys/credential',
};

test('what is set to nothing has its default', () => {
  const env = readEnv({
    ...COMPLETE,
    TOUCHSTONE_WEB_DEV: '',
    TOUCHSTONE_UPLOAD_LIMIT_MB: '',
    LOG_LEVEL: '',
    UNKNOWN: 'x',
  });
  expect(env).toMatchObject({
    TOUCHSTONE_HOST: '127.0.0.1',
    TOUCHSTONE_PORT: 4300,
    TOUCHSTONE_URL: 'http://127.0.0.1:4300',
    TOUCHSTONE_WEB_DEV: false,
    TOUCHSTONE_UPLOAD_LIMIT_MB: 50,
    LOG_LEVEL: 'info',
  });
  expect(env).not.toHaveProperty('UNKNOWN');
});

test('what is missing or wrong is named, without its value', () => {
  const { DATABASE_URL: _, ...rest } = COMPLETE;
  expect(() => readEnv(rest)).toThrow(/DATABASE_URL/);
  expect(() => readEnv({ ...COMPLETE, TOUCHSTONE_PORT: 'x' })).toThrow(/TOUCHSTONE_PORT/);
  const error = (() => {
    try {
      readEnv({ ...COMPLETE, DATABASE_URL: 'mysql://root:hunter2@db' });
    } catch (caught) {
      return String(caught);
    }
  })();
  expect(error).toMatch(/DATABASE_URL/);
  expect(error).not.toContain('hunter2');
});
