'use client';

import { Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button.tsx';
import { toast } from '@/components/toast.tsx';
import type { Check } from './check.ts';
import { toYaml } from './config.ts';

/** The same experiment as a file for the command line. */
export function YamlView({ request }: { request: Check['request'] }) {
  const [open, setOpen] = useState(false);
  const yaml = open && request ? toYaml(request) : null;
  return (
    <div className="border-t pt-4">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="ghost"
          className="-ml-3"
          aria-expanded={open}
          aria-controls="yaml"
          onClick={() => setOpen(!open)}
        >
          {open ? 'Hide YAML' : 'As YAML'}
        </Button>
        <span className="text-sm text-faint">
          for <code className="font-mono">touchstone run</code>
        </span>
        {yaml && (
          <Button
            className="ml-auto"
            icon={<Copy aria-hidden />}
            onClick={() =>
              navigator.clipboard.writeText(yaml).then(
                () => toast.success('Copied'),
                () => toast.error('The browser did not allow copying: select the text instead.'),
              )
            }
          >
            Copy
          </Button>
        )}
      </div>
      <div id="yaml" hidden={!open} className="pt-2">
        {yaml ? (
          <pre className="max-h-[480px] overflow-auto rounded-md bg-subtle px-3 py-2 font-mono text-sm">{yaml}</pre>
        ) : (
          <p className="text-sm text-faint">It appears here when nothing is missing.</p>
        )}
      </div>
    </div>
  );
}
