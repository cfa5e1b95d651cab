import type { ApiKey } from '@touchstone/schemas';
import { Button } from '@/components/button.tsx';
import { RelativeTime, useNow } from '@/components/number.tsx';
import { ActionsTh, Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';
import { formatDay, formatTime } from '@/lib/format.ts';

/** More scroll in a box of their own, so that what comes below is found. */
const SHOWN = 10;

export function ApiKeyTable({ keys, onRevoke }: { keys: readonly ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  if (keys.length === 0) {
    return (
      <p className="border-y py-4 text-muted">
        No API keys yet. The command line beside the server has one of its own; programs elsewhere need one each.
      </p>
    );
  }
  return (
    <Table label="API keys" {...(keys.length > SHOWN && { scroll: 'box', boxClassName: 'max-h-96 border-y' })}>
      <THead>
        <Tr>
          <Th>Name</Th>
          <Th>Key</Th>
          <Th>Scope</Th>
          <Th>Last used</Th>
          <Th>Expires</Th>
          <Th>Created</Th>
          <ActionsTh />
        </Tr>
      </THead>
      <TBody>
        {keys.map((key) => (
          <Tr key={key.id}>
            <Td className="min-w-40 break-words">{key.name}</Td>
            <Td className="font-mono whitespace-nowrap text-muted">
              tsk_<span aria-hidden>••••</span>
              <span className="sr-only">, ends with </span>
              {key.last4}
            </Td>
            <Td>{key.scope}</Td>
            <Td>{key.last_used_at ? <RelativeTime value={key.last_used_at} /> : <Never />}</Td>
            <Td className="whitespace-nowrap">
              <Expiry at={key.expires_at} />
            </Td>
            <Td>
              <RelativeTime value={key.created_at} />
            </Td>
            <Td className="text-right whitespace-nowrap">
              <Button variant="ghost" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                Revoke
              </Button>
            </Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}

const Never = () => <span className="text-muted">never</span>;

function Expiry({ at }: { at: string | null }) {
  const now = useNow(60_000);
  if (at === null) return <Never />;
  const isOver = Date.parse(at) <= now.getTime();
  return (
    <time dateTime={at} title={formatTime(at)} className={isOver ? 'text-danger' : undefined}>
      {isOver ? `expired ${formatDay(at)}` : formatDay(at)}
    </time>
  );
}
