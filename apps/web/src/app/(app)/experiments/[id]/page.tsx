import { ExperimentView } from './experiment-view.tsx';

export default async function ExperimentPage({ params }: { params: Promise<{ id: string }> }) {
  return <ExperimentView id={(await params).id} />;
}
