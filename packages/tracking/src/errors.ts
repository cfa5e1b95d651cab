/**
 * - `unreachable`, `timeout`: no answer · `failed`: the tracking server's own error · `unauthorized`: it wants other credentials
 * - `malformed`: an answer that is not understood (another server, a proxy's page)
 * - `gone`: the experiment or run is not there, or somebody deleted it
 * - `conflict`: what is recorded says otherwise and cannot change (a parameter, a taken name)
 * - `refused`: it will never take this as it is
 */
export type TrackingErrorKind =
  | 'unreachable'
  | 'timeout'
  | 'failed'
  | 'unauthorized'
  | 'malformed'
  | 'gone'
  | 'conflict'
  | 'refused';

const FINAL: ReadonlySet<TrackingErrorKind> = new Set(['gone', 'conflict', 'refused']);

/** Every error of this package. */
export class TrackingError extends Error {
  readonly kind: TrackingErrorKind;
  /** Whether the same call may succeed later, when the server is back or mended. */
  readonly retryable: boolean;

  constructor(kind: TrackingErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TrackingError';
    this.kind = kind;
    this.retryable = !FINAL.has(kind);
  }
}
