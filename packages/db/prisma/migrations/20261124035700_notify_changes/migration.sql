-- Live pages listen on the channel "touchstone"; a message is "<noun> <id>". Postgres drops doubles within a transaction.

CREATE FUNCTION notify_dataset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.touched_at <> OLD.touched_at AND NEW.status = OLD.status THEN RETURN NULL; END IF;
  PERFORM pg_notify('touchstone', 'dataset ' || COALESCE(NEW.id, OLD.id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_dataset AFTER INSERT OR UPDATE OR DELETE ON "dataset" FOR EACH ROW EXECUTE FUNCTION notify_dataset();

CREATE FUNCTION notify_experiment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('touchstone', 'experiment ' || COALESCE(NEW.id, OLD.id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_experiment AFTER INSERT OR UPDATE OR DELETE ON "experiment" FOR EACH ROW EXECUTE FUNCTION notify_experiment();

CREATE FUNCTION notify_workflow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('touchstone', 'experiment ' || COALESCE(NEW.experiment_id, OLD.experiment_id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_workflow AFTER INSERT OR UPDATE OR DELETE ON "workflow" FOR EACH ROW EXECUTE FUNCTION notify_workflow();

-- Leases and beats are the server's own business: only what a person can see is told.
CREATE FUNCTION notify_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
    AND (NEW.status, NEW.attempt, NEW.reason, NEW.stop_requested_at, NEW.accepted_attempt, NEW.progress - 'beat' - 'elapsed_s')
      IS NOT DISTINCT FROM
      (OLD.status, OLD.attempt, OLD.reason, OLD.stop_requested_at, OLD.accepted_attempt, OLD.progress - 'beat' - 'elapsed_s')
  THEN RETURN NULL; END IF;
  PERFORM pg_notify('touchstone', 'job ' || COALESCE(NEW.id, OLD.id));
  PERFORM pg_notify('touchstone', 'experiment ' || COALESCE(NEW.experiment_id, OLD.experiment_id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_job AFTER INSERT OR UPDATE OR DELETE ON "job" FOR EACH ROW EXECUTE FUNCTION notify_job();

CREATE FUNCTION notify_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('touchstone', 'secret ' || COALESCE(NEW.name, OLD.name));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_secret AFTER INSERT OR UPDATE OR DELETE ON "secret" FOR EACH ROW EXECUTE FUNCTION notify_secret();

CREATE FUNCTION notify_service_health() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.state, NEW.detail) IS NOT DISTINCT FROM (OLD.state, OLD.detail) THEN RETURN NULL; END IF;
  PERFORM pg_notify('touchstone', 'status ' || NEW.name);
  RETURN NULL;
END $$;
CREATE TRIGGER notify_service_health AFTER INSERT OR UPDATE ON "service_health" FOR EACH ROW EXECUTE FUNCTION notify_service_health();
