import { useSyncExternalStore } from 'react';

const never = () => () => {};

/**
 * False while React takes over the server's page. A part that it takes over late may find data by then that the server did not
 * have: such a part first shows what the server showed.
 */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
