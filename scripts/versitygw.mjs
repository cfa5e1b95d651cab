/** versitygw, a small S3 server for the tests: built with Go and kept in the toolchain. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnv, isCurrent, logs, toolchain, writeStamp } from './paths.mjs';
import { runLogged, StepError } from './steps.mjs';

const VERSION = 'v1.8.0';
const folder = join(toolchain, 'versitygw');
const program = join(folder, 'versitygw');

/** Whether the tests on S3 can run: they look in the same two places. */
export function hasVersityGw() {
  return existsSync(process.env.TOUCHSTONE_TEST_S3 || program);
}

/** Builds it where it is not there yet, which takes some minutes. */
export async function prepareVersityGw() {
  if (process.env.TOUCHSTONE_TEST_S3) {
    if (hasVersityGw()) return;
    throw new StepError(`TOUCHSTONE_TEST_S3 is ${process.env.TOUCHSTONE_TEST_S3}: there is no such program.`, {
      hint: 'set it to the path of versitygw, or unset it: it is built then.',
    });
  }
  const stamp = join(folder, '.stamp');
  if (isCurrent(stamp, [VERSION]) && existsSync(program)) return;
  await runLogged('versitygw', 'go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
    logs,
    env: { ...cleanEnv(), GOBIN: folder, CGO_ENABLED: '0' },
    hint: 'install Go 1.25 or newer (https://go.dev/dl), or leave the tests on S3 out with "npm test" without --all.',
  });
  writeStamp(stamp, [VERSION]);
}
