/** Faults that can be seen in a text by itself. */

/**
 * UTF-8 that was read as Windows-1252 or Latin-1: `Ã©`, `â€™`, `Â°`, `ï»¿`, `ðŸ˜€`; and U+FFFD, which stands where bytes could not be read.
 * The signs are those that ftfy names (Speer 2019, ftfy, "badness").
 */
const BROKEN =
  /\ufffd|[\u00c2\u00c3][\u0080-\u00bf]|\u00e2(?:\u20ac|\u0080)[\u0080-\u00bf\u0153\u0161\u017e\u02dc\u2013-\u203a\u2122]|\u00ef\u00bb\u00bf|\u00f0[\u0178\u009f]/;

/** But for tab and the ends of lines; and U+FEFF, which is a mark at the head of a file and nothing in a text. */
const CONTROL = /[\p{Cc}\ufeff](?<![\t\n\r])/u;

/** What a page of HTML leaves when it is copied: common elements and entities. `a < b` and `<unk>` are none. */
const MARKUP =
  /<\/?(?:p|br|div|span|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|t[rdh]|img|script|style)(?:\s[^<>]{0,200})?\s?\/?>|&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[\da-f]{1,5});/i;

/** A letter, a digit or a picture. */
const CONTENT = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

export const hasBrokenCharacters = (text: string) => BROKEN.test(text);
export const hasControlCharacters = (text: string) => CONTROL.test(text);
export const hasMarkup = (text: string) => MARKUP.test(text);
/** Of a text that is not blank. */
export const isOnlyPunctuation = (text: string) => !CONTENT.test(text);
export const hasSurroundingWhiteSpace = (text: string) => text.trim().length !== text.length;
