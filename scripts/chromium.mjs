/** A Chromium for the browser tests: Debian's package where we may install it, else Playwright's own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnv, isCurrent, logs, root, toolchain, writeStamp } from './paths.mjs';
import { runLogged } from './steps.mjs';

const DEBIAN = '/usr/bin/chromium';

/** The path of Debian's Chromium, or null where Playwright's own is installed. */
export async function prepareChromium(node) {
  if (existsSync(DEBIAN)) return DEBIAN;
  const env = { ...cleanEnv(node), DEBIAN_FRONTEND: 'noninteractive' };
  if (process.getuid?.() === 0 && isDebian()) {
    await runLogged('chromium', 'apt-get', ['update'], { logs, env });
    await runLogged('chromium', 'apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { logs, env });
    return DEBIAN;
  }
  const playwright = join(root, 'e2e', 'node_modules', '@playwright', 'test');
  const stamp = join(toolchain, '.playwright-stamp');
  const inputs = [join(playwright, 'package.json')];
  if (!isCurrent(stamp, inputs)) {
    const hint = 'on a Linux without the libraries of a browser: "npx playwright install-deps chromium" as root.';
    await runLogged('chromium', node, [join(playwright, 'cli.js'), 'install', 'chromium'], { logs, env, hint });
    writeStamp(stamp, inputs);
  }
  return null;
}

/** Debian itself: Ubuntu's package of that name is a snap. */
function isDebian() {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}
