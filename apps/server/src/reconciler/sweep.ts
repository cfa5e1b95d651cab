import {
  dropPurgedExperiment,
  dropPurgedStandaloneJob,
  dropPurgedWorkflow,
  findAbandonedDatasets,
  findDeletedDatasets,
  findDeletedExperiments,
  findDeletedStandaloneJobs,
  findDeletedWorkflows,
  forgetDataset,
  markExperimentPurged,
  markStandaloneJobPurged,
  markWorkflowPurged,
  purgeDataset,
} from '@touchstone/db';
import { keys } from '@touchstone/storage';
import type { Services } from '../context.ts';

/** Removes the files of what was deleted or cut off. Those of an experiment, a workflow or a job are swept once more five minutes later: a driver may have lived on. */
export async function sweep({ db, storage }: Services): Promise<void> {
  for (const id of await findAbandonedDatasets(db)) {
    await storage.removePrefix(keys.datasetPrefix(id));
    await forgetDataset(db, id);
  }
  for (const { id, job_ids, is_last_sweep } of await findDeletedExperiments(db)) {
    for (const job_id of job_ids) await storage.removePrefix(keys.jobPrefix(job_id));
    await storage.removePrefix(keys.experimentPrefix(id));
    if (is_last_sweep) await dropPurgedExperiment(db, id);
    else await markExperimentPurged(db, id);
  }
  for (const { id, job_ids, is_last_sweep } of await findDeletedWorkflows(db)) {
    for (const job_id of job_ids) await storage.removePrefix(keys.jobPrefix(job_id));
    if (is_last_sweep) await dropPurgedWorkflow(db, id);
    else await markWorkflowPurged(db, id);
  }
  for (const { id, is_last_sweep } of await findDeletedStandaloneJobs(db)) {
    await storage.removePrefix(keys.jobPrefix(id));
    if (is_last_sweep) await dropPurgedStandaloneJob(db, id);
    else await markStandaloneJobPurged(db, id);
  }
  for (const id of await findDeletedDatasets(db)) {
    await storage.removePrefix(keys.datasetPrefix(id));
    await purgeDataset(db, id);
  }
}
