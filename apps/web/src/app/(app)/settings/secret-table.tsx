import type { Secret } from '@touchstone/schemas';
import { Button } from '@/components/button.tsx';
import { RelativeTime } from '@/components/number.tsx';
import { ActionsTh, Table, TBody, Td, THead, Th, Tr } from '@/components/table.tsx';

/** More scroll in a box of their own, so that what comes below is found. */
const SHOWN = 10;

type SecretTableProps = {
  secrets: readonly Secret[];
  onReplace: (name: string) => void;
  onDelete: (name: string) => void;
};

export function SecretTable({ secrets, onReplace, onDelete }: SecretTableProps) {
  if (secrets.length === 0) {
    return (
      <p className="border-y py-4 text-muted">
        No secrets yet. An endpoint that asks for a key needs one; baselines and open local endpoints do not.
      </p>
    );
  }
  return (
    <Table label="Secrets" {...(secrets.length > SHOWN && { scroll: 'box', boxClassName: 'max-h-96 border-y' })}>
      <THead>
        <Tr>
          <Th>Name</Th>
          <Th>Value</Th>
          <Th>Set</Th>
          <ActionsTh />
        </Tr>
      </THead>
      <TBody>
        {secrets.map(({ name, last4, updated_at }) => (
          <Tr key={name}>
            <Td className="min-w-40 font-mono break-words">{name}</Td>
            <Td className="font-mono whitespace-nowrap text-muted">
              <span aria-hidden>••••</span>
              <span className="sr-only">ends with </span>
              {last4}
            </Td>
            <Td>
              <RelativeTime value={updated_at} />
            </Td>
            <Td className="text-right whitespace-nowrap">
              <Button variant="ghost" aria-label={`Replace ${name}`} onClick={() => onReplace(name)}>
                Replace
              </Button>
              <Button variant="ghost" aria-label={`Delete ${name}`} onClick={() => onDelete(name)}>
                Delete
              </Button>
            </Td>
          </Tr>
        ))}
      </TBody>
    </Table>
  );
}
