-- Search by any part of a name; comes with Postgres, and whoever may create tables may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- DropIndex
DROP INDEX "experiment_dataset_id_idx";

-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "run_started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "search_text" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "seconds_before" DOUBLE PRECISION NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "workflow" ADD COLUMN     "run_started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "seconds_before" DOUBLE PRECISION NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "job" ADD COLUMN     "seconds_before" DOUBLE PRECISION NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "experiment_status_created_at_id_idx" ON "experiment"("status", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "experiment_dataset_id_created_at_id_idx" ON "experiment"("dataset_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "experiment_name_idx" ON "experiment"("name");

-- CreateIndex
CREATE INDEX "experiment_deleted_at_idx" ON "experiment"("deleted_at");

-- CreateIndex
CREATE INDEX "experiment_search_text_idx" ON "experiment" USING GIN ("search_text" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "job_status_created_at_id_idx" ON "job"("status", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "job_kind_created_at_id_idx" ON "job"("kind", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "tracking_outbox_sent_at_experiment_id_idx" ON "tracking_outbox"("sent_at", "experiment_id");

UPDATE "experiment" SET "run_started_at" = "created_at";
UPDATE "workflow" SET "run_started_at" = "created_at";

-- The name of a task: `summarization`, or the key of an object such as {"translation": {…}}.
CREATE FUNCTION task_name(task jsonb) RETURNS text IMMUTABLE LANGUAGE sql
RETURN CASE jsonb_typeof(task) WHEN 'object' THEN jsonb_path_query_first(task, '$.keyvalue().key') #>> '{}' ELSE task #>> '{}' END;
CREATE INDEX "experiment_task_name_created_at_id_idx" ON "experiment"(task_name("task"), "created_at" DESC, "id" DESC);

-- What a search looks at follows from rows of three tables, whoever writes them.
CREATE FUNCTION experiment_search_text(experiment_id uuid) RETURNS text STABLE LANGUAGE sql
RETURN (
  SELECT lower(concat_ws(E'\n', e.name, e.description, d.name,
    (SELECT string_agg(concat_ws(' ', w.name, w.model ->> 'model'), E'\n' ORDER BY w.position) FROM workflow w WHERE w.experiment_id = e.id)))
  FROM experiment e JOIN dataset d ON d.id = e.dataset_id WHERE e.id = $1
);
UPDATE "experiment" SET "search_text" = experiment_search_text("id");

CREATE FUNCTION refresh_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'dataset' THEN
    UPDATE experiment SET search_text = experiment_search_text(id) WHERE dataset_id = NEW.id;
  ELSIF TG_TABLE_NAME = 'workflow' THEN
    UPDATE experiment SET search_text = experiment_search_text(id) WHERE id = NEW.experiment_id;
  ELSE
    UPDATE experiment SET search_text = experiment_search_text(id) WHERE id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refresh_search_text AFTER INSERT OR UPDATE OF "name", "description" ON "experiment" FOR EACH ROW EXECUTE FUNCTION refresh_search_text();
CREATE TRIGGER refresh_search_text AFTER INSERT OR UPDATE OF "name", "model" ON "workflow" FOR EACH ROW EXECUTE FUNCTION refresh_search_text();
CREATE TRIGGER refresh_search_text AFTER UPDATE OF "name" ON "dataset" FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION refresh_search_text();
