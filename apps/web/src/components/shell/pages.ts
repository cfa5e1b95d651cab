import { Database, FlaskConical, ListChecks, Settings } from 'lucide-react';

/** The pages of the rail; `key` follows `g` on the keyboard. */
export const PAGES = [
  { label: 'Experiments', href: '/experiments', icon: FlaskConical, key: 'e' },
  { label: 'Datasets', href: '/datasets', icon: Database, key: 'd' },
  { label: 'Jobs', href: '/jobs', icon: ListChecks, key: 'j' },
  { label: 'Settings', href: '/settings', icon: Settings, key: 's' },
] as const;
