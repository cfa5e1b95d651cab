/** `value` where it is a path of this site, else `fallback`: an address from outside must not send people elsewhere. */
export function localPath(value: string | null | undefined, fallback: string): string {
  if (!value?.startsWith('/')) return fallback;
  const base = 'http://localhost';
  try {
    const url = new URL(value, base);
    return url.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : fallback;
  } catch {
    return fallback;
  }
}

/** The sign-in page that leads back to `here`. */
export function signInAddress(here: { pathname: string; search: string }): string {
  return `/sign-in?next=${encodeURIComponent(here.pathname + here.search)}`;
}
