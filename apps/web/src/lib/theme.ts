export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'touchstone-theme';
const CHANGED = 'touchstone-theme-changed';

/** Runs in <head>: puts `data-theme` on <html> from what was chosen, or from the system. */
export const THEME_SCRIPT = `(()=>{let t;try{t=localStorage.getItem("${KEY}")}catch{}
if(t!=="light"&&t!=="dark")t=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light";
document.documentElement.dataset.theme=t})()`;

export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

function applyTheme(): void {
  const chosen = chosenTheme();
  const dark = chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme();
  window.dispatchEvent(new Event(CHANGED));
}

/** Follows the system and other tabs; `onChange` after each change. For useSyncExternalStore. */
export function watchTheme(onChange: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const update = () => {
    applyTheme();
    onChange();
  };
  system.addEventListener('change', update);
  window.addEventListener('storage', update);
  window.addEventListener(CHANGED, onChange);
  return () => {
    system.removeEventListener('change', update);
    window.removeEventListener('storage', update);
    window.removeEventListener(CHANGED, onChange);
  };
}
