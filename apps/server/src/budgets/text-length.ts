/** How many tokens a text comes to, by its characters: no tokenizer fits every model. */

/** Characters by script. `latin` is also digits, spaces and punctuation, `cjk` Chinese, Japanese and Korean. */
export type TextLength = { latin: number; cjk: number; other: number };

/** The insides of character classes that JavaScript and RE2, which DuckDB searches with, understand alike. */
export const SCRIPTS = {
  latin: '\\x00-\u024f\u1e00-\u1eff\u2000-\u206f',
  cjk: '\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef',
} as const;

/**
 * A token is about 4 characters of English (OpenAI, "What are tokens and how to count them"), and newer tokenizers need little more for other
 * languages in Latin script. Of Chinese it is 1.7 by DeepSeek's documentation (0.6 tokens a character), and with older tokenizers less than 1:
 * 1.2 is between. The rest (Cyrillic, Greek, Arabic, Devanagari and others) is assumed to be half-way.
 */
export const CHARACTERS_PER_TOKEN: TextLength = { latin: 4, cjk: 1.2, other: 2.5 };

/** Of each half-word of UTF-16, its script's place in TextLength; 3: the second half of a character, which the first stands for. */
const SCRIPT_OF = Uint8Array.from({ length: 65_536 }, (_, code) => {
  if (code >= 0xdc00 && code <= 0xdfff) return 3;
  const isIn = (characters: string) => new RegExp(`[${characters}]`).test(String.fromCharCode(code));
  return isIn(SCRIPTS.latin) ? 0 : isIn(SCRIPTS.cjk) ? 1 : 2;
});

export function textLength(text: string): TextLength {
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) counts[SCRIPT_OF[text.charCodeAt(i)] as 0]++;
  const [latin, cjk, other] = counts;
  return { latin, cjk, other };
}

export function countTokens(length: TextLength): number {
  return (['latin', 'cjk', 'other'] as const).reduce(
    (sum, script) => sum + length[script] / CHARACTERS_PER_TOKEN[script],
    0,
  );
}
