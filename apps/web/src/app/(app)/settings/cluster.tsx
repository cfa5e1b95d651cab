import type { ClusterFacts, Status } from '@touchstone/schemas';
import { DefinitionList } from '@/components/definition-list.tsx';
import { formatBytes, formatCount, NONE } from '@/lib/format.ts';
import { Section } from './section.tsx';

type Capacity = ClusterFacts['cpus'];

export function Cluster({ status: { cluster, queue, services } }: { status: Status }) {
  const isUp = services.ray.state === 'ok';
  return (
    <Section
      id="cluster"
      title="Cluster"
      about={isUp ? 'The Ray nodes that run the jobs.' : 'The Ray nodes that run the jobs, as they were seen last.'}
    >
      <DefinitionList
        items={[
          { term: 'Nodes', value: formatCount(cluster?.nodes) },
          { term: 'CPUs reserved', value: reserved(cluster?.cpus) },
          { term: 'GPUs reserved', value: cluster?.gpus.total === 0 ? 'No GPU' : reserved(cluster?.gpus) },
          { term: 'Memory in use', value: memory(cluster?.memory) },
          { term: 'Jobs on Ray', value: `${queue.on_ray} of ${queue.room}` },
          { term: 'Jobs waiting', value: formatCount(queue.waiting) },
        ]}
      />
    </Section>
  );
}

/** `2 of 8`; where Ray has not said how many are taken, how many there are. */
function reserved(capacity: Capacity | undefined): string {
  if (!capacity) return NONE;
  const { total, available } = capacity;
  return available === null ? formatCount(total) : `${formatCount(total - available)} of ${formatCount(total)}`;
}

function memory(capacity: Capacity | undefined): string {
  if (!capacity || capacity.available === null) return NONE;
  return `${formatBytes(capacity.total - capacity.available)} of ${formatBytes(capacity.total)}`;
}
