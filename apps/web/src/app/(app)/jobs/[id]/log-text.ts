/** As much of a log as the page keeps; the rest is in the download. */
export const KEPT_CHARACTERS = 400_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' colour codes begin with ESC
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** `text` with `piece` after it, without colour codes, cut at the front to whole lines where it grows too long. */
export function appendLog(text: string, piece: string, kept = KEPT_CHARACTERS): { text: string; cut: boolean } {
  const whole = text + piece.replace(ANSI, '').replaceAll('\r\n', '\n');
  if (whole.length <= kept) return { text: whole, cut: false };
  const tail = whole.slice(-kept);
  const lineEnd = tail.indexOf('\n');
  return { text: lineEnd === -1 ? tail : tail.slice(lineEnd + 1), cut: true };
}

/** The text cut at what is searched for, upper and lower case alike: every second piece is a match. Without a search, one piece. */
export function splitMatches(text: string, search: string): string[] {
  if (search === '') return [text];
  return text.split(new RegExp(`(${search.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')})`, 'i'));
}
