const PREFIX = 'touchstone_session';
export const SESSION_SECONDS = 30 * 24 * 3600;

/** The cookie that a signed-in browser carries. Browsers tell ports apart nowhere else: two instances on one host need two names. */
export function sessionCookie(url: string): string {
  const { port, protocol } = new URL(url);
  return `${PREFIX}_${port || (protocol === 'https:' ? 443 : 80)}`;
}

/** Whether `name` is that of an instance's cookie, on whichever port. */
export function isSessionCookie(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Never sent by requests that other sites cause, never seen by scripts. */
export function cookieOptions(url: string) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'strict' as const,
    secure: url.startsWith('https:'),
    maxAge: SESSION_SECONDS,
  };
}
