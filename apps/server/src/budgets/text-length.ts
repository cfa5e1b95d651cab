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

export function textLength(text: string): TextLength {
  const count = (characters: string) => text.match(new RegExp(`[${characters}]`, 'gu'))?.length ?? 0;
  return { latin: count(SCRIPTS.latin), cjk: count(SCRIPTS.cjk), other: count(`^${SCRIPTS.latin}${SCRIPTS.cjk}`) };
}

export function countTokens(length: TextLength): number {
  return (['latin', 'cjk', 'other'] as const).reduce(
    (sum, script) => sum + length[script] / CHARACTERS_PER_TOKEN[script],
    0,
  );
}
