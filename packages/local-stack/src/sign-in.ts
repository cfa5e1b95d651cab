/** The link that signs a browser in, as the server makes it for the local credential. */

/** Asks the server for a one-time link; throws when it does not give one. */
export async function createSignInLink(url: string, apiKey: string): Promise<string> {
  const response = await fetch(`${url}/trpc/sign_in_links.create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as { result?: { data?: { url?: unknown } } };
  const link = answer.result?.data?.url;
  if (typeof link !== 'string') throw new Error(`The server gave no sign-in link (HTTP ${response.status}).`);
  return link;
}
