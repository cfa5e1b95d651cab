import type { NextConfig } from 'next';

const config: NextConfig = {
  transpilePackages: ['@touchstone/schemas'],
  // Types are checked by tsc, see the script "typecheck".
  typescript: { ignoreBuildErrors: true },
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  // Addresses of the sign-in page hold one-time tokens; the server logs requests itself.
  logging: { incomingRequests: false },
};

export default config;
