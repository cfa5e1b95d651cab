-- Every word of the text has a space before it, so that the index also finds the beginnings of words of one or two letters.
CREATE OR REPLACE FUNCTION experiment_search_text(experiment_id uuid) RETURNS text STABLE LANGUAGE sql
RETURN (
  SELECT lower(regexp_replace(concat(' ', concat_ws(' ', e.name, e.description, d.name,
    (SELECT string_agg(concat_ws(' ', w.name, w.model ->> 'model'), ' ' ORDER BY w.position) FROM workflow w WHERE w.experiment_id = e.id))), '\s+', ' ', 'g'))
  FROM experiment e JOIN dataset d ON d.id = e.dataset_id WHERE e.id = $1
);
UPDATE "experiment" SET "search_text" = experiment_search_text("id");
