import {
  claimOutbox,
  findDueOutboxes,
  listUnsentEvents,
  markSent,
  markUnsent,
  type OutboxRecord,
  releaseOutbox,
  setMlflowId,
} from '@touchstone/db';
import { TrackingError, trackingName } from '@touchstone/tracking';
import type { Services } from '../context.ts';
import { exportJob, exportWorkflow } from '../rows/export.ts';
import type { TrackingEvent } from './events.ts';

const SUBJECTS_A_TICK = 10;

/** Tells MLflow what it has not been told, in order, one sender at a time per experiment, or per job that is in none. */
export async function sendDueOutboxes(services: Services, owner: string): Promise<void> {
  for (const subject_id of await findDueOutboxes(services.db, SUBJECTS_A_TICK)) {
    if (!(await claimOutbox(services.db, subject_id, owner))) continue;
    try {
      for (const record of await listUnsentEvents<TrackingEvent>(services.db, subject_id)) {
        if (!(await sendRecord(services, record))) break;
        await claimOutbox(services.db, subject_id, owner);
      }
    } finally {
      await releaseOutbox(services.db, subject_id, owner);
    }
  }
}

/** @returns whether the next one may be sent. */
async function sendRecord(services: Services, record: OutboxRecord<TrackingEvent>): Promise<boolean> {
  try {
    await send(services, record);
    await markSent(services.db, record.id);
    return true;
  } catch (error) {
    if (error instanceof TrackingError && !error.retryable) {
      // Somebody deleted or changed the record in MLflow: there is nothing left to say there, and nothing here depends on it.
      services.log.warn(
        { err: error, subject: record.subject_id, event: record.event.type },
        'MLflow will not take a record',
      );
      await markSent(services.db, record.id);
      return true;
    }
    services.log.debug({ err: error, subject: record.subject_id }, 'MLflow is told later');
    await markUnsent(services.db, record, error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** Every verb may be repeated: what a crash cuts off is sent whole again, with the same times. */
async function send(
  services: Services,
  { subject_id: key, event, created_at }: OutboxRecord<TrackingEvent>,
): Promise<void> {
  const { tracking, db } = services;
  const time = created_at.getTime();
  if (event.type === 'experiment') {
    const mlflowId = await tracking.ensureExperiment({ key, name: event.name, tags: event.tags });
    await setMlflowId(db, key, mlflowId);
    return;
  }
  const experiment_id = await tracking.findExperiment(key);
  if (event.type === 'experiment_deleted') {
    if (experiment_id !== null) await tracking.deleteExperiment(experiment_id);
    return;
  }
  if (experiment_id === null) throw new TrackingError('gone', 'The experiment was deleted in MLflow.');
  if (event.type === 'workflow_deleted') return tracking.deleteRun(experiment_id, event.workflow_id);
  const workflowRun = (workflow_id: string, name = workflow_id) =>
    tracking.ensureRun({
      key: workflow_id,
      experiment_id,
      name,
      start_time: time,
      tags: { 'touchstone.workflow_id': workflow_id },
    });
  const toParams = (params: Record<string, string>) =>
    Object.fromEntries(Object.entries(params).map(([name, value]) => [trackingName(name), value]));
  const toMetrics = (metrics: Record<string, number>) =>
    Object.entries(metrics).map(([name, value]) => ({ key: trackingName(name), value, timestamp: time, step: 0 }));

  switch (event.type) {
    case 'workflow': {
      const run = await workflowRun(event.workflow_id, event.name);
      await tracking.logParams(run, toParams(event.params));
      return;
    }
    case 'standalone_job': {
      await tracking.logParams(await ensureJobRun(event), toParams(event.params));
      return;
    }
    case 'job': {
      const run = await ensureJobRun(event);
      await tracking.setTags(run, {
        ray_job_id: event.ray_job_id,
        [`ray_job_id.${event.attempt}`]: event.ray_job_id,
        'touchstone.job_id': event.job_id,
      });
      return;
    }
    case 'job_over': {
      const run = await ensureJobRun(event);
      await tracking.logMetrics(run, toMetrics(event.metrics));
      await tracking.setTags(run, event.tags);
      // A comparison has no rows of its own.
      const hasRows = event.job_id === key && event.kind !== 'comparison';
      const table = hasRows ? await exportJob(services, event.job_id) : null;
      if (table !== null) await tracking.putArtifact(run, 'rows.csv', table);
      await tracking.finishRun(run, event.status, time);
      return;
    }
    // By another rule than when it was over.
    case 'verdict': {
      await tracking.setTags(await ensureJobRun({ ...event, kind: 'comparison' }), event.tags);
      return;
    }
    case 'workflow_over': {
      const run = await workflowRun(event.workflow_id);
      await tracking.logMetrics(run, toMetrics(event.metrics));
      await tracking.setTags(run, event.tags);
      const table = await exportWorkflow(services, key, event.workflow_id);
      if (table !== null) await tracking.putArtifact(run, 'rows.csv', table);
      await tracking.finishRun(run, event.status, time);
    }
  }

  /** Below the run of its workflow, where it is in one. */
  async function ensureJobRun({
    job_id,
    kind,
    workflow_id,
  }: {
    job_id: string;
    kind: string;
    workflow_id?: string | null;
  }): Promise<string> {
    const parent_run_id = workflow_id ? await workflowRun(workflow_id) : null;
    return tracking.ensureRun({
      key: job_id,
      experiment_id: experiment_id!,
      name: kind,
      ...(parent_run_id && { parent_run_id }),
      start_time: time,
    });
  }
}
