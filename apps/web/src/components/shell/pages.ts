import { Bot, Database, FlaskConical, ListChecks, Ruler, Settings } from 'lucide-react';

/** The pages of the rail; `key` follows `g` on the keyboard. (/metrics is what Prometheus scrapes.) */
export const PAGES = [
  { label: 'Experiments', href: '/experiments', icon: FlaskConical, key: 'e' },
  { label: 'Datasets', href: '/datasets', icon: Database, key: 'd' },
  { label: 'Models', href: '/models', icon: Bot, key: 'm' },
  { label: 'Metrics', href: '/scoring', icon: Ruler, key: 't' },
  { label: 'Jobs', href: '/jobs', icon: ListChecks, key: 'j' },
  { label: 'Settings', href: '/settings', icon: Settings, key: 's' },
] as const;
