'use client';

/** The last resort, when even the shell cannot be drawn: no styles, no data. */
export default function GlobalError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body style={{ fontFamily: 'system-ui, sans-serif', padding: 24 }}>
        <title>Something broke · Touchstone</title>
        <h1 style={{ fontSize: 18 }}>Something broke</h1>
        <p>{error.message}</p>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </body>
    </html>
  );
}
