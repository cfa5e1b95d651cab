import { TrackingError } from '../errors.ts';

const ROUTE = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * The route, below MLflow's address, of the artifacts at `artifact_uri`: `mlflow-artifacts:/1/<run id>/artifacts`, or an
 * address of that same route, is what MLflow gives where it serves artifacts itself.
 */
export function artifactRoute(artifact_uri: string): string {
  const parsed = URL.canParse(artifact_uri) ? new URL(artifact_uri) : null;
  let path: string | undefined;
  if (parsed?.protocol === 'mlflow-artifacts:') path = parsed.pathname;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') path = parsed.pathname.split(ROUTE)[1];
  const parts = path?.split('/').filter((part) => part !== '') ?? [];
  if (parts.length === 0) {
    throw new TrackingError(
      'refused',
      `MLflow keeps artifacts at "${artifact_uri}" and does not serve them: start it with --serve-artifacts.`,
    );
  }
  return [ROUTE, ...parts].join('/');
}

/** The route of a run's own folder, where `artifacts` is all there is; null where MLflow arranges it otherwise. */
export function runRoute(artifact_uri: string, run_id: string): string | null {
  const route = artifactRoute(artifact_uri);
  return route.endsWith(`/${run_id}/artifacts`) ? route.slice(0, -'/artifacts'.length) : null;
}

/** A path as part of an address. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
