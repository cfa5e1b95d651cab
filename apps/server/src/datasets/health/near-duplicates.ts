/**
 * Texts that are nearly the same, by MinHash (Broder 1997, "On the resemblance and containment of documents") over pieces of nine characters,
 * a length that Leskovec, Rajaraman & Ullman (Mining of Massive Datasets, 3.2) name for texts. One permutation cut into bins, empty ones filled from others
 * (Li, Owen & Zhang 2012; Shrivastava 2017), of each minimum eight bits (Li & König 2010): 64 bytes a row. Rows that agree in a band of
 * these are held against each other (locality-sensitive hashing, Mining of Massive Datasets 3.4).
 */

/** Of the pieces of both texts, the share that they have in common (Jaccard), from which they are near duplicates. */
export const NEAR = 0.8;
/** More are not looked at: 130 MB. */
export const MOST_NEAR_ROWS = 2_000_000;

const PIECE = 9;
/** A text of fewer pieces is too short for an estimate. */
const LEAST_PIECES = 24;
const BINS = 64;
/** 12 bands of 5: a pair that has 80 % in common meets in one of them with a probability of 99 %, one with 20 % in 0.4 %. */
const [BANDS, BAND] = [12, 5];
/** Equal bytes by chance: 1 of 256. */
const LEAST_EQUAL = Math.round(BINS * (NEAR * (255 / 256) + 1 / 256));
/** In a band a text is held against so many that are unlike each other: a band that all share takes no longer for it. */
const MOST_LEADERS = 8;
/** Of the texts that are shown, so much is held against each other exactly. */
const MOST_COMPARED = 100_000;

const MULTIPLIER = 0x01000193;
const LAST_POWER = powerOf(MULTIPLIER, PIECE);

function powerOf(base: number, exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i++) power = Math.imul(power, base);
  return power;
}

/** MurmurHash3's last step (Appleby): every bit of the input changes every bit of the output with probability ½. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const SPACE = 32;
const IS_WORD = Uint8Array.from({ length: 65_536 }, (_, code) =>
  // Half of a character beyond the first 65,536 (emoji, rare Chinese): kept as it is.
  (code >= 0xd800 && code <= 0xdfff) || /[\p{L}\p{M}\p{N}]/u.test(String.fromCharCode(code)) ? 1 : 0,
);

let codes = new Uint16Array(4096);

/** Into `codes`: letters and digits in small letters, whatever is between them as one space. @returns how many. */
function normalize(text: string): number {
  const lower = text.toLowerCase();
  if (codes.length < lower.length) codes = new Uint16Array(lower.length * 2);
  let length = 0;
  for (let i = 0; i < lower.length; i++) {
    const code = lower.charCodeAt(i);
    if (IS_WORD[code] === 1) codes[length++] = code;
    else if (length > 0 && codes[length - 1] !== SPACE) codes[length++] = SPACE;
  }
  return length > 0 && codes[length - 1] === SPACE ? length - 1 : length;
}

/** Of each piece of a text, in their order, a hash. */
function eachPiece(text: string, take: (hash: number) => void): void {
  const length = normalize(text);
  let hash = 0;
  for (let i = 0; i < length; i++) {
    hash = (Math.imul(hash, MULTIPLIER) + codes[i]!) | 0;
    if (i >= PIECE) hash = (hash - Math.imul(codes[i - PIECE]!, LAST_POWER)) | 0;
    if (i >= PIECE - 1) take(mix(hash));
  }
}

/** The share of pieces that two texts have in common, exactly. */
export function similarity(a: string, b: string): number {
  const [one, other] = [a, b].map((text) => {
    const pieces = new Set<number>();
    eachPiece(text.slice(0, MOST_COMPARED), (hash) => pieces.add(hash));
    return pieces;
  }) as [Set<number>, Set<number>];
  if (one.size + other.size === 0) return a === b ? 1 : 0;
  let common = 0;
  for (const piece of one) if (other.has(piece)) common += 1;
  return common / (one.size + other.size - common);
}

const minima = new Uint32Array(BINS);
const EMPTY = 0xffffffff;

/** 64 bytes into `out` from `at` on. @returns false where the text is too short. */
function sign(text: string, out: Uint8Array, at: number): boolean {
  minima.fill(EMPTY);
  let pieces = 0;
  eachPiece(text, (hash) => {
    pieces += 1;
    const bin = hash >>> 26;
    const value = hash & 0x03ffffff;
    if (value < minima[bin]!) minima[bin] = value;
  });
  if (pieces < LEAST_PIECES) return false;
  for (let bin = 0; bin < BINS; bin++) {
    let from = bin;
    for (let attempt = 1; minima[from] === EMPTY; attempt++) from = mix(bin * 4096 + attempt) % BINS;
    out[at + bin] = mix(minima[from]!) & 0xff;
  }
  return true;
}

export type NearDuplicates = {
  /** Texts that were held against each other. */
  looked_at: number;
  /** Rows that are not the first of their group. An estimate: the standard error of a pair's similarity is 5 %. */
  count: number;
  /** The largest first. */
  groups: { size: number; rows: number[] }[];
};

/** Takes texts that are all different, in any order, up to MOST_NEAR_ROWS. */
export function createNearDuplicateFinder(rowCount: number) {
  const room = Math.min(rowCount, MOST_NEAR_ROWS);
  const signatures = new Uint8Array(room * BINS);
  const rows = new Float64Array(room);
  let count = 0;
  return {
    add(text: string, row_id: number): void {
      if (count < room && sign(text, signatures, count * BINS)) rows[count++] = row_id;
    },
    find: (most: { groups: number; rows: number }): NearDuplicates => group(signatures, rows.subarray(0, count), most),
  };
}

function group(signatures: Uint8Array, rows: Float64Array, most: { groups: number; rows: number }): NearDuplicates {
  const parents = Uint32Array.from(rows, (_, i) => i);
  const rootOf = (row: number) => {
    let root = row;
    while (parents[root] !== root) root = parents[root] = parents[parents[root]!]!;
    return root;
  };
  const join = (a: number, b: number) => {
    const [one, other] = [rootOf(a), rootOf(b)];
    if (one < other) parents[other] = one;
    else parents[one] = other;
  };
  for (let band = 0; band < BANDS; band++) joinBand(signatures, rows.length, band, join);

  const members = new Map<number, number[]>();
  let repeated = 0;
  const sizes = new Map<number, number>();
  for (let i = 0; i < rows.length; i++) {
    const root = rootOf(i);
    if (root === i) continue;
    repeated += 1;
    sizes.set(root, (sizes.get(root) ?? 1) + 1);
    const of = members.get(root) ?? [rows[root]!];
    if (of.length < most.rows) of.push(rows[i]!);
    members.set(root, of);
  }
  const groups = [...sizes]
    .toSorted(([a, size], [b, other]) => other - size || rows[a]! - rows[b]!)
    .slice(0, most.groups)
    .map(([root, size]) => ({ size, rows: members.get(root)!.toSorted((a, b) => a - b) }));
  return { looked_at: rows.length, count: repeated, groups };
}

/** Joins rows that agree in a band and are near duplicates by their signatures. */
function joinBand(signatures: Uint8Array, count: number, band: number, join: (a: number, b: number) => void): void {
  // The band's hash above the row's place: sorted as whole numbers, rows that agree are side by side, in their order.
  const sorted = new BigUint64Array(count);
  const halves = new Uint32Array(sorted.buffer);
  for (let i = 0; i < count; i++) {
    let hash = 0;
    for (let k = i * BINS + band * BAND; k < i * BINS + (band + 1) * BAND; k++) hash = mix(hash ^ signatures[k]!);
    halves[2 * i] = i;
    halves[2 * i + 1] = hash;
  }
  sorted.sort();
  const leaders: number[] = [];
  for (let i = 0; i < count; i++) {
    const row = halves[2 * i]!;
    if (i > 0 && halves[2 * i + 1] !== halves[2 * i - 1]) leaders.length = 0;
    const leader = leaders.find((other) => isNear(signatures, row * BINS, other * BINS));
    if (leader !== undefined) join(row, leader);
    else if (leaders.length < MOST_LEADERS) leaders.push(row);
  }
}

function isNear(signatures: Uint8Array, a: number, b: number): boolean {
  let different = 0;
  for (let i = 0; i < BINS; i++) {
    if (signatures[a + i] !== signatures[b + i] && ++different > BINS - LEAST_EQUAL) return false;
  }
  return true;
}
