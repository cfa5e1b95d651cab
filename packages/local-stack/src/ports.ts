/** Free ports. Blocks lie below the range that systems hand out to outgoing connections, so that they stay free between starts. */
import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 31_900;

/** Whether a server can listen here now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The first free port at or above `from`. */
export async function nextFreePort(from: number, host?: string): Promise<number> {
  for (let port = from; port <= 65_535; port++) if (await isFree(port, host)) return port;
  throw new Error(`No port at or above ${from} is free.`);
}

/** The first of `size` consecutive free ports: the preferred one where they all are free, else a random one. */
export async function freeBlock(size: number, preferred?: number): Promise<number> {
  const candidates = Array.from({ length: 200 }, () => LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - size)));
  if (preferred !== undefined) candidates.unshift(preferred);
  for (const base of candidates) {
    const free = await Promise.all(Array.from({ length: size }, (_, index) => isFree(base + index)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`No ${size} consecutive ports are free between ${LOWEST} and ${HIGHEST}.`);
}
