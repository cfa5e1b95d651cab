import { AddModels } from './add-models.tsx';

export default async function AddModelsPage({ params }: { params: Promise<{ id: string }> }) {
  return <AddModels id={(await params).id} />;
}
