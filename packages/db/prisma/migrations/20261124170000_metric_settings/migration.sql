-- Metrics have settings now. One without any has its type as its name, which is what was stored so far.
ALTER TABLE "experiment" ADD COLUMN "metric_settings" JSONB;
UPDATE "experiment" SET "metric_settings" = COALESCE(
    (SELECT jsonb_agg(jsonb_build_object('type', name, 'name', name) ORDER BY place)
     FROM unnest("metrics") WITH ORDINALITY AS metric (name, place)),
    '[]');
ALTER TABLE "experiment" DROP COLUMN "metrics";
ALTER TABLE "experiment" RENAME COLUMN "metric_settings" TO "metrics";
ALTER TABLE "experiment" ALTER COLUMN "metrics" SET NOT NULL;

UPDATE "job" SET "spec" = jsonb_set("spec", '{metrics}', (
    SELECT COALESCE(jsonb_agg(jsonb_build_object('type', name, 'name', name) ORDER BY place), '[]')
    FROM jsonb_array_elements_text("spec" -> 'metrics') WITH ORDINALITY AS metric (name, place)))
WHERE "kind" = 'evaluation' AND "spec" ? 'metrics';

CREATE FUNCTION pg_temp.with_types(metrics JSONB) RETURNS JSONB LANGUAGE SQL AS $$
    SELECT COALESCE(jsonb_agg(metric || jsonb_build_object('type', metric -> 'name', 'yes_or_no',
        metric ->> 'name' IN ('exact_match', 'normalized_match', 'contains_reference', 'json_valid')) ORDER BY place), '[]')
    FROM jsonb_array_elements(metrics) WITH ORDINALITY AS compared (metric, place)
$$;
UPDATE "job" SET
    "spec" = jsonb_set("spec", '{metrics}', pg_temp.with_types("spec" -> 'metrics')),
    "result" = CASE WHEN "result" ->> 'kind' = 'comparison'
        THEN jsonb_set("result", '{metrics}', pg_temp.with_types("result" -> 'metrics')) ELSE "result" END
WHERE "kind" = 'comparison' AND "spec" ? 'metrics';
DROP FUNCTION pg_temp.with_types;
