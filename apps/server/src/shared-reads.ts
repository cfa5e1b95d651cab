/** Reads that are made once for all who ask meanwhile. */
export type SharedReads = <T>(key: string, read: () => Promise<T>) => Promise<T>;

type Reads = { now: Promise<unknown>; next: Promise<unknown> | null };

/**
 * When something changes, every page that shows it asks for it at once. Of the reads with one key, one is under way; whoever asks
 * meanwhile shares the next, so that everybody sees what was so when they asked, or later. Nothing is kept.
 */
export function createSharedReads(): SharedReads {
  const reads = new Map<string, Reads>();

  function start<T>(key: string, read: () => Promise<T>): Promise<T> {
    const now = read();
    const entry: Reads = { now, next: null };
    reads.set(key, entry);
    const done = () => {
      if (entry.next === null) reads.delete(key);
    };
    now.then(done, done);
    return now;
  }

  return <T>(key: string, read: () => Promise<T>) => {
    const entry = reads.get(key);
    if (!entry) return start(key, read);
    entry.next ??= entry.now.then(
      () => start(key, read),
      () => start(key, read),
    );
    return entry.next as Promise<T>;
  };
}
