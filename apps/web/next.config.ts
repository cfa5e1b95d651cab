import type { NextConfig } from 'next';

const config: NextConfig = {
  transpilePackages: ['@touchstone/schemas'],
  // Types are checked by tsc, see the script "typecheck".
  typescript: { ignoreBuildErrors: true },
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
};

export default config;
