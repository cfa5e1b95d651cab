'use client';

import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button, type ButtonVariant } from './button.tsx';
import { toast } from './toast.tsx';

/** Copies a text and says so. Where the browser does not let it (a page that is not on https), it says that. */
export function CopyButton({ text, label, variant }: { text: string; label: string; variant?: ButtonVariant }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toast('The browser does not let this page copy: select the text and copy it by hand.');
    }
  }
  return (
    <Button {...(variant && { variant })} icon={copied ? <Check aria-hidden /> : <Copy aria-hidden />} onClick={copy}>
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  );
}
