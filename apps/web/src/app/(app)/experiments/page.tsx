import { ExperimentList } from './experiment-list.tsx';

export default function ExperimentsPage() {
  return <ExperimentList />;
}
