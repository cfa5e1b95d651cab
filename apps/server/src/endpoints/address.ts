/** Which addresses an endpoint may have: not those that only machines should reach, and not Touchstone's own services. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Env } from '../env.ts';

/** A service of this instance, at the addresses that its name stands for. */
export type OwnService = { name: string; port: number; addresses: string[] };

const family = (ip: string) => (isIP(ip) === 6 ? 'ipv6' : 'ipv4');

function listOf(...subnets: string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address, prefix] = subnet.split('/') as [string, string];
    list.addSubnet(address, Number(prefix), family(address));
  }
  return list;
}

/** Link-local (where clouds answer with the machine's credentials), their other metadata addresses, multicast, broadcast. */
const NEVER = listOf(
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '224.0.0.0/4',
  'ff00::/8',
  '255.255.255.255/32',
);
/** The unspecified address reaches this machine too. */
const THIS_MACHINE = listOf('127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128');
const PRIVATE = listOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10');

/** The IPv4 address inside `::ffff:a.b.c.d` and `64:ff9b::a.b.c.d` (NAT64), which reach the same machine; others as they are. */
function plainAddress(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  // The URL parser writes every IPv6 address in one way: in hexadecimal, shortened.
  const written = new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1);
  const [, high, low] = /^(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written) ?? [];
  if (high === undefined || low === undefined) return written;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

function isThisMachine(ip: string): boolean {
  if (THIS_MACHINE.check(ip, family(ip))) return true;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === ip));
}

/** On this machine or its network: reached from here, and not from elsewhere. */
export function isPrivate(address: string): boolean {
  const ip = plainAddress(address);
  return isThisMachine(ip) || PRIVATE.check(ip, family(ip));
}

/** Names that only a machine itself or its network knows. */
const NEARBY_NAME = /^[^.]+$|\.(local|localhost|internal|lan|home\.arpa)$/;

/** Whether what answers at this address is one's own machine or network, by the address as it is written: no name is looked up. */
export function isNearby(baseUrl: string): boolean {
  const host = hostOf(new URL(baseUrl));
  return isIP(host) ? isPrivate(host) : NEARBY_NAME.test(host);
}

/** Why no endpoint may be at this address; null: one may. */
export function refuseAddress(address: string, port: number, own: readonly OwnService[]): string | null {
  const ip = plainAddress(address);
  if (NEVER.check(ip, family(ip))) {
    return `${ip} is an address that no model answers at (link-local, cloud metadata or multicast).`;
  }
  const isHere = isThisMachine(ip);
  const service = own.find(
    ({ port: its, addresses }) =>
      its === port && addresses.map(plainAddress).some((one) => one === ip || (isHere && isThisMachine(one))),
  );
  return service ? `${ip}, port ${port}, is Touchstone's own ${service.name}.` : null;
}

export function portOf({ port, protocol }: URL): number {
  if (port) return Number(port);
  return { 'https:': 443, 'postgres:': 5432, 'postgresql:': 5432 }[protocol] ?? 80;
}

/** Without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** What a host's name stands for now; nothing where it stands for nothing. */
export async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

export async function findOwnServices(env: Env): Promise<OwnService[]> {
  const s3 = new URL(env.TOUCHSTONE_STORAGE_URL).searchParams.get('endpoint');
  const services: [string, string | null | undefined][] = [
    ['server', env.TOUCHSTONE_URL],
    [
      'server',
      `http://${isIP(env.TOUCHSTONE_HOST) === 6 ? `[${env.TOUCHSTONE_HOST}]` : env.TOUCHSTONE_HOST}:${env.TOUCHSTONE_PORT}`,
    ],
    ['database', env.DATABASE_URL],
    ['Ray', env.RAY_ADDRESS_HTTP],
    ['MLflow', env.MLFLOW_TRACKING_URI],
    ['storage', s3],
    ['storage', env.TOUCHSTONE_S3_PUBLIC_ENDPOINT],
  ];
  return Promise.all(
    services.flatMap(([name, address]) => {
      if (!address || !URL.canParse(address)) return [];
      const url = new URL(address);
      return [resolveHost(hostOf(url)).then((addresses) => ({ name, port: portOf(url), addresses }))];
    }),
  );
}

export type AddressVerdict = { refused: string | null; private: boolean };

/** Judges an endpoint's address by everything that its name stands for now. */
export async function judgeAddress(env: Env, baseUrl: string): Promise<AddressVerdict> {
  const url = new URL(baseUrl);
  const [own, addresses] = await Promise.all([findOwnServices(env), resolveHost(hostOf(url))]);
  const refused = addresses.flatMap((address) => refuseAddress(address, portOf(url), own) ?? [])[0] ?? null;
  return { refused, private: addresses.some(isPrivate) };
}
