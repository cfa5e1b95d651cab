import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTouchstoneClient, type TouchstoneClient } from '@touchstone/client';
import { object } from '@touchstone/schemas';
import { z } from 'zod';
import { BadInput, Failure } from './failure.ts';

export type Connection = { url: string; client: TouchstoneClient };
export type Credential = { url: string; api_key: string };

const CredentialFile = object({ url: z.url(), api_key: z.string().min(1) });

/** The clone that this command line is part of: its bundle is packages/cli/dist/touchstone.mjs, its source packages/cli/src. */
export const CLONE = fileURLToPath(new URL('../../..', import.meta.url));

type Places = { env: Readonly<Record<string, string | undefined>>; cwd: string; clone?: string };

/** TOUCHSTONE_HOME, the nearest `.touchstone` from here upwards, or the clone's own. */
export function findHome({ env, cwd, clone = CLONE }: Places): string {
  if (env.TOUCHSTONE_HOME) return resolve(cwd, env.TOUCHSTONE_HOME);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const home = join(folder, '.touchstone');
    if (existsSync(home)) return home;
    if (folder === dirname(folder)) return join(clone, '.touchstone');
  }
}

/** Address and key: as given, from the environment, or as a local instance wrote them. @throws Failure where there are none */
export function findCredential(given: { url?: string; apiKey?: string }, places: Places): Credential {
  const url = given.url ?? (places.env.TOUCHSTONE_URL || undefined);
  const api_key = given.apiKey ?? (places.env.TOUCHSTONE_API_KEY || undefined);
  if (url !== undefined && !URL.canParse(url))
    throw new BadInput(`"${url}" is not an address: give one such as http://127.0.0.1:4300.`);
  if (url && api_key) return { url, api_key };
  const file = join(findHome(places), 'keys', 'credential.json');
  const local = readCredential(file);
  if (url && local && new URL(url).origin !== new URL(local.url).origin) {
    throw new BadInput(
      `Give the API key for ${url} with --api-key or TOUCHSTONE_API_KEY: the one in ${file} is for ${local.url}.`,
    );
  }
  if (!local) {
    throw new Failure(
      `Touchstone has not been started here: there is no ${file}. Run \`npm start\` first, or give --url and --api-key for an instance elsewhere.`,
    );
  }
  return { url: url ?? local.url, api_key: api_key ?? local.api_key };
}

function readCredential(file: string): Credential | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Failure(`The credential could not be read: ${message}`);
  }
  try {
    return CredentialFile.parse(JSON.parse(text));
  } catch {
    throw new Failure(`${file} is damaged: the next \`npm start\` writes it anew when you delete it.`);
  }
}

export function connectWith({ url, api_key }: Credential): Connection {
  const address = url.replace(/\/+$/, '');
  return { url: address, client: createTouchstoneClient({ url: address, apiKey: api_key }) };
}

/** The address of an experiment's page. */
export function experimentAddress(url: string, id: string): string {
  return `${url}/experiments/${id}`;
}
