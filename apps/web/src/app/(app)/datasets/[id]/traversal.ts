/**
 * Holds the browser's Back and Forward to another page of ours, and hands what would go there to `ask`. A browser lets a page do so once
 * for each time that a person touched it, so that nobody is kept; to another document it asks by itself (`beforeunload`).
 */
export function askBeforeTraversal(ask: (leave: () => void) => void): () => void {
  const { navigation } = window;
  // Not in an older browser.
  if (!navigation) return () => {};
  let passes = false;
  const onNavigate = (event: NavigateEvent) => {
    const { url, key, sameDocument } = event.destination;
    if (passes || event.navigationType !== 'traverse' || !event.cancelable || !sameDocument) return;
    // Pages of rows and tabs are of this page, and keep what was changed.
    if (new URL(url).pathname === window.location.pathname) return;
    event.preventDefault();
    ask(() => {
      passes = true;
      navigation.traverseTo(key);
    });
  };
  navigation.addEventListener('navigate', onNavigate);
  return () => navigation.removeEventListener('navigate', onNavigate);
}
