/** A streak of metal on a dark stone: what an assayer looks at. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true" className={className}>
      <path d="M4.6 2.4 14 1.6l4.2 5.1-.9 8.2-5.6 3.7-8-1.6L1.5 9z" className="fill-fg" />
      <path d="m6 13.2 7.6-6.6" className="stroke-canvas" strokeWidth="1.7" strokeLinecap="round" />
      <path d="m9.6 14.6 4-3.4" className="stroke-canvas" strokeWidth="1.7" strokeLinecap="round" opacity="0.55" />
    </svg>
  );
}
