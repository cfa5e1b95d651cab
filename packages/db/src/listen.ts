import pg from 'pg';

/**
 * Calls `onMessage` for each message on the channel `touchstone` (`<noun> <id>`), and `onGap` whenever messages may have
 * been missed: the connection was lost and is back.
 */
export function listenForChanges(
  databaseUrl: string,
  onMessage: (message: string) => void,
  onGap: () => void,
): { stop: () => Promise<void> } {
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function connect(isReconnect: boolean): Promise<void> {
    const next = new pg.Client({ connectionString: databaseUrl });
    client = next;
    next.on('notification', ({ payload }) => payload && onMessage(payload));
    next.on('error', () => {});
    next.on('end', () => reconnectLater());
    try {
      await next.connect();
      await next.query('LISTEN touchstone');
      if (isReconnect) onGap();
    } catch {
      await next.end().catch(() => {});
      reconnectLater();
    }
  }

  function reconnectLater(): void {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => void connect(true), 1000);
  }

  void connect(false);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
