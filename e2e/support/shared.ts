/** What the run's setup made, told to the workers through their environment. */
const VARIABLE = 'TOUCHSTONE_E2E_SHARED';

export type Shared = {
  home: string;
  url: string;
  /** Thirty dialogues, used by the experiment below; nobody changes them. */
  dataset_id: string;
  /** A baseline, and an endpoint model of which some rows fail. */
  experiment_id: string;
};

export function setShared(shared: Shared): void {
  process.env[VARIABLE] = JSON.stringify(shared);
}

export function getShared(): Shared {
  return JSON.parse(process.env[VARIABLE]!) as Shared;
}
