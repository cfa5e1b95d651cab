export type { RayJob, RayJobStatus } from './answers.ts';
export {
  type Capacity,
  type ClusterCapacity,
  createRayClient,
  type RayClient,
  type RayClientOptions,
  type SubmitInput,
} from './client.ts';
export { RayError, type RayErrorKind } from './errors.ts';
