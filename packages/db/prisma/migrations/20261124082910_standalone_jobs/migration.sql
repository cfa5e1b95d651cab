-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "time_limit_s" INTEGER;

-- AlterTable
ALTER TABLE "job" ADD COLUMN     "active_s" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "stop_reason" TEXT,
ADD COLUMN     "time_limit_s" INTEGER,
ALTER COLUMN "experiment_id" DROP NOT NULL,
ALTER COLUMN "workflow_id" DROP NOT NULL;

-- What is told to MLflow is about an experiment or about a job that is in none.
ALTER TABLE "tracking_outbox" RENAME COLUMN "experiment_id" TO "subject_id";
ALTER INDEX "tracking_outbox_experiment_id_id_idx" RENAME TO "tracking_outbox_subject_id_id_idx";
ALTER INDEX "tracking_outbox_sent_at_experiment_id_idx" RENAME TO "tracking_outbox_sent_at_subject_id_idx";
ALTER TABLE "tracking_lease" RENAME COLUMN "experiment_id" TO "subject_id";

-- CreateTable
CREATE TABLE "standalone_job" (
    "job_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "dataset_id" UUID NOT NULL,
    "sample" JSONB NOT NULL,
    "model" JSONB,
    "store_to_dataset" JSONB,
    "stored_dataset_id" UUID,
    "store_problem" TEXT,
    "deleted_at" TIMESTAMPTZ(3),
    "purged_at" TIMESTAMPTZ(3),
    "mlflow_id" TEXT,

    CONSTRAINT "standalone_job_pkey" PRIMARY KEY ("job_id")
);

-- CreateIndex
CREATE INDEX "standalone_job_dataset_id_idx" ON "standalone_job"("dataset_id");

-- AddForeignKey
ALTER TABLE "standalone_job" ADD CONSTRAINT "standalone_job_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standalone_job" ADD CONSTRAINT "standalone_job_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A job may be in no experiment.
CREATE OR REPLACE FUNCTION notify_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE experiment uuid := COALESCE(NEW.experiment_id, OLD.experiment_id);
BEGIN
  IF TG_OP = 'UPDATE'
    AND (NEW.status, NEW.attempt, NEW.reason, NEW.stop_requested_at, NEW.accepted_attempt, NEW.progress - 'beat' - 'elapsed_s' - 'active_s')
      IS NOT DISTINCT FROM
      (OLD.status, OLD.attempt, OLD.reason, OLD.stop_requested_at, OLD.accepted_attempt, OLD.progress - 'beat' - 'elapsed_s' - 'active_s')
  THEN RETURN NULL; END IF;
  PERFORM pg_notify('touchstone', 'job ' || COALESCE(NEW.id, OLD.id));
  IF experiment IS NOT NULL THEN PERFORM pg_notify('touchstone', 'experiment ' || experiment); END IF;
  RETURN NULL;
END $$;

-- Which jobs use a dataset shows beside it.
CREATE FUNCTION notify_standalone_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('touchstone', 'job ' || COALESCE(NEW.job_id, OLD.job_id));
  PERFORM pg_notify('touchstone', 'dataset ' || COALESCE(NEW.dataset_id, OLD.dataset_id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_standalone_job AFTER INSERT OR UPDATE OR DELETE ON "standalone_job" FOR EACH ROW EXECUTE FUNCTION notify_standalone_job();
