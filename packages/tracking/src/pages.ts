/** Paths of MLflow's pages below its address. */

/** Shows MLflow's pages for runs and metrics around it, not those for traces of an agent. */
const VIEW = '?workflowType=machine_learning';

const runsPath = (experiment_id: string) => `/#/experiments/${encodeURIComponent(experiment_id)}/runs`;

/** An experiment's page: its runs, a job's below its workflow's. */
export const experimentUrl = (experiment_id: string) => `${runsPath(experiment_id)}${VIEW}`;

export const runUrl = (experiment_id: string, run_id: string) =>
  `${runsPath(experiment_id)}/${encodeURIComponent(run_id)}${VIEW}`;
