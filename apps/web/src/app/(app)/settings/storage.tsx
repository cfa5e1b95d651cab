import type { Status } from '@touchstone/schemas';
import { DefinitionList } from '@/components/definition-list.tsx';
import { Bytes } from '@/components/number.tsx';
import { Section } from './section.tsx';

export function Storage({ status: { storage, services } }: { status: Status }) {
  const about = 'The files: datasets, answers, results and logs.';
  if (!storage) {
    return (
      <Section id="storage" title="Storage" about={about}>
        <p className="text-muted">Not looked at yet.</p>
      </Section>
    );
  }
  const { driver, disk, used_bytes } = storage;
  return (
    <Section id="storage" title="Storage" about={about}>
      <DefinitionList
        items={[
          {
            term: driver === 'folder' ? 'Folder' : 'Bucket',
            value: driver === 'folder' ? disk.path : services.storage.url,
          },
          { term: 'Used by Touchstone', value: used_bytes === null ? 'Being measured' : <Bytes value={used_bytes} /> },
          {
            term: driver === 'folder' ? 'Free on its disk' : 'Free for local copies',
            value: (
              <>
                <Bytes value={disk.free_bytes} /> of <Bytes value={disk.total_bytes} />
              </>
            ),
          },
        ]}
      />
    </Section>
  );
}
