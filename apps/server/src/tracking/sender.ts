import {
  claimOutbox,
  findDueOutboxes,
  listUnsentEvents,
  markSent,
  markUnsent,
  type OutboxRecord,
  releaseOutbox,
  setExperimentMlflowId,
} from '@touchstone/db';
import { TrackingError, trackingName } from '@touchstone/tracking';
import type { Services } from '../context.ts';
import { exportWorkflow } from '../rows/export.ts';
import type { TrackingEvent } from './events.ts';

const EXPERIMENTS_A_TICK = 10;

/** Tells MLflow what it has not been told, in order, one sender at a time per experiment. */
export async function sendDueOutboxes(services: Services, owner: string): Promise<void> {
  for (const experiment_id of await findDueOutboxes(services.db, EXPERIMENTS_A_TICK)) {
    if (!(await claimOutbox(services.db, experiment_id, owner))) continue;
    try {
      for (const record of await listUnsentEvents<TrackingEvent>(services.db, experiment_id)) {
        if (!(await sendRecord(services, record))) break;
        await claimOutbox(services.db, experiment_id, owner);
      }
    } finally {
      await releaseOutbox(services.db, experiment_id, owner);
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
        { err: error, experiment: record.experiment_id, event: record.event.type },
        'MLflow will not take a record',
      );
      await markSent(services.db, record.id);
      return true;
    }
    services.log.debug({ err: error, experiment: record.experiment_id }, 'MLflow is told later');
    await markUnsent(services.db, record, error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** Every verb may be repeated: what a crash cuts off is sent whole again, with the same times. */
async function send(
  services: Services,
  { experiment_id: key, event, created_at }: OutboxRecord<TrackingEvent>,
): Promise<void> {
  const { tracking, db } = services;
  const time = created_at.getTime();
  if (event.type === 'experiment') {
    const mlflowId = await tracking.ensureExperiment({ key, name: event.name, tags: event.tags });
    await setExperimentMlflowId(db, key, mlflowId);
    return;
  }
  const experiment_id = await tracking.findExperiment(key);
  if (event.type === 'experiment_deleted') {
    if (experiment_id !== null) await tracking.deleteExperiment(experiment_id);
    return;
  }
  if (experiment_id === null) throw new TrackingError('gone', 'The experiment was deleted in MLflow.');
  const workflowRun = (name = event.workflow_id) =>
    tracking.ensureRun({
      key: event.workflow_id,
      experiment_id,
      name,
      start_time: time,
      tags: { 'touchstone.workflow_id': event.workflow_id },
    });
  const toMetrics = (metrics: Record<string, number>) =>
    Object.entries(metrics).map(([name, value]) => ({ key: trackingName(name), value, timestamp: time, step: 0 }));

  switch (event.type) {
    case 'workflow': {
      const run = await workflowRun(event.name);
      await tracking.logParams(
        run,
        Object.fromEntries(Object.entries(event.params).map(([name, value]) => [trackingName(name), value])),
      );
      return;
    }
    case 'job': {
      const run = await ensureJobRun(event.job_id, event.kind);
      await tracking.setTags(run, {
        ray_job_id: event.ray_job_id,
        [`ray_job_id.${event.attempt}`]: event.ray_job_id,
        'touchstone.job_id': event.job_id,
      });
      return;
    }
    case 'job_over': {
      const run = await ensureJobRun(event.job_id, event.kind);
      await tracking.logMetrics(run, toMetrics(event.metrics));
      await tracking.setTags(run, event.tags);
      await tracking.finishRun(run, event.status, time);
      return;
    }
    case 'workflow_over': {
      const run = await workflowRun();
      await tracking.logMetrics(run, toMetrics(event.metrics));
      await tracking.setTags(run, event.tags);
      const table = await exportWorkflow(services, key, event.workflow_id);
      if (table !== null) await tracking.putArtifact(run, 'rows.csv', table);
      await tracking.finishRun(run, event.status, time);
    }
  }

  async function ensureJobRun(job_id: string, kind: string): Promise<string> {
    const parent_run_id = await workflowRun();
    return tracking.ensureRun({
      key: job_id,
      experiment_id: experiment_id!,
      name: kind,
      parent_run_id,
      start_time: time,
    });
  }
}
