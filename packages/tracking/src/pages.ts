/** Paths of MLflow's pages below its address. */

/** An experiment's page: its runs, a job's below its workflow's. */
export const experimentUrl = (experiment_id: string) => `/#/experiments/${encodeURIComponent(experiment_id)}/runs`;

export const runUrl = (experiment_id: string, run_id: string) =>
  `${experimentUrl(experiment_id)}/${encodeURIComponent(run_id)}`;
