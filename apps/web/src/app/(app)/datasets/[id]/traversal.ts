/**
 * Holds the browser's Back and Forward to another page of ours, and hands what would go there to `ask`. A browser tells of them only
 * when the address has changed: before the router hears of it, the address is brought back. Does nothing in a browser that cannot
 * say where in its history it is.
 */
export function askBeforeTraversal(ask: (leave: () => void) => void): () => void {
  const { navigation } = window;
  if (!navigation?.currentEntry) return () => {};
  const { pathname } = window.location;
  let index = navigation.currentEntry.index;
  let passes = false;
  let isBringingBack = false;
  const onEntryChange = () => {
    // Pages of rows and tabs are entries of this page.
    if (window.location.pathname === pathname) index = navigation.currentEntry!.index;
  };
  const onPopState = (event: PopStateEvent) => {
    if (isBringingBack) {
      isBringingBack = false;
      event.stopImmediatePropagation();
      return;
    }
    const steps = navigation.currentEntry!.index - index;
    if (passes || steps === 0 || window.location.pathname === pathname) return;
    event.stopImmediatePropagation();
    isBringingBack = true;
    window.history.go(-steps);
    ask(() => {
      passes = true;
      window.history.go(steps);
    });
  };
  navigation.addEventListener('currententrychange', onEntryChange);
  window.addEventListener('popstate', onPopState, { capture: true });
  return () => {
    navigation.removeEventListener('currententrychange', onEntryChange);
    window.removeEventListener('popstate', onPopState, { capture: true });
  };
}
