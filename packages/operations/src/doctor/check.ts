/** What was looked at: `warn` works and may not for long, `skipped` could not be looked at. */
export type Check = {
  name: string;
  state: 'ok' | 'warn' | 'fail' | 'skipped';
  detail: string;
  /** What a person can do; null: nothing is to be done. */
  to_do: string | null;
};

export const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail, to_do: null });
export const warn = (name: string, detail: string, to_do: string): Check => ({ name, state: 'warn', detail, to_do });
export const fail = (name: string, detail: string, to_do: string): Check => ({ name, state: 'fail', detail, to_do });
export const skipped = (name: string, detail: string): Check => ({ name, state: 'skipped', detail, to_do: null });
