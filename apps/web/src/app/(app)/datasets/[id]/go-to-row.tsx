'use client';

import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { Input } from '@/components/input.tsx';

/** Jumps to the page with a row. */
export function GoToRow({ last, onGo }: { last: number; onGo: (row_id: number) => void }) {
  const [text, setText] = useState('');
  const wanted = Number(text.replaceAll(/[\s,.]/g, ''));
  return (
    <form
      className="flex items-center gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === '' || !Number.isInteger(wanted)) return;
        onGo(Math.max(0, Math.min(last, wanted)));
        setText('');
      }}
    >
      <span className="w-28">
        <Input
          aria-label="Go to row"
          data-search
          placeholder="Go to row"
          inputMode="numeric"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </span>
      <Button type="submit" variant="ghost">
        Go
      </Button>
    </form>
  );
}
