-- The newest runs of a model are found by its name.
CREATE INDEX "workflow_model_created_at_idx" ON "workflow" (("model" ->> 'model'), "created_at" DESC);
