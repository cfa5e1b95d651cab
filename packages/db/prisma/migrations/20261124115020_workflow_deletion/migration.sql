-- AlterTable
ALTER TABLE "workflow" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "purged_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "workflow_deleted_at_idx" ON "workflow"("deleted_at");

-- What is searched is what is there.
CREATE OR REPLACE FUNCTION experiment_search_text(experiment_id uuid) RETURNS text STABLE LANGUAGE sql
RETURN (
  SELECT lower(regexp_replace(concat(' ', concat_ws(' ', e.name, e.description, d.name,
    (SELECT string_agg(concat_ws(' ', w.name, w.model ->> 'model'), ' ' ORDER BY w.position)
      FROM workflow w WHERE w.experiment_id = e.id AND w.deleted_at IS NULL))), '\s+', ' ', 'g'))
  FROM experiment e JOIN dataset d ON d.id = e.dataset_id WHERE e.id = $1
);
