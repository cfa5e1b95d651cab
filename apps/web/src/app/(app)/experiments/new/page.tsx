import { NewExperiment } from './new-experiment.tsx';

export default function NewExperimentPage() {
  return <NewExperiment />;
}
