'use client';

import { useSyncExternalStore } from 'react';
import { chosenTheme, type Theme, watchTheme } from './theme.ts';

/** The theme that was chosen; `system` until the page has come alive. */
export function useTheme(): Theme {
  return useSyncExternalStore(watchTheme, chosenTheme, () => 'system');
}
