export { trackingName } from './checks.ts';
export { TrackingError, type TrackingErrorKind } from './errors.ts';
export { createMemoryTracking } from './memory.ts';
export { createMlflowTracking } from './mlflow/tracking.ts';
export { experimentUrl, runUrl } from './pages.ts';
export type {
  ArtifactContent,
  ExperimentInput,
  MetricInput,
  RunInput,
  RunRecord,
  RunStatus,
  Tracking,
} from './tracking.ts';
