-- Jobs are found by parts of these names.
CREATE INDEX "workflow_lower_name_idx" ON "workflow" USING GIN (lower("name") gin_trgm_ops);
CREATE INDEX "experiment_lower_name_idx" ON "experiment" USING GIN (lower("name") gin_trgm_ops);
