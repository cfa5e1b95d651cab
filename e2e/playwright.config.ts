import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';

// Playwright tells its workers by FORCE_COLOR; where both are set, Node warns at the start of every process.
if (process.env.NO_COLOR) {
  process.env.FORCE_COLOR = '0';
  delete process.env.NO_COLOR;
}

const DEBIAN = '/usr/bin/chromium';
const chromium = process.env.TOUCHSTONE_CHROMIUM || (existsSync(DEBIAN) ? DEBIAN : undefined);

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  globalSetup: './global-setup.ts',
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      executablePath: chromium,
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync'],
      ],
    },
  },
});
