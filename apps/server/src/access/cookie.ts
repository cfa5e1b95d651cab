/** The cookie that a signed-in browser carries. */
export const SESSION_COOKIE = 'touchstone_session';
export const SESSION_SECONDS = 30 * 24 * 3600;

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
