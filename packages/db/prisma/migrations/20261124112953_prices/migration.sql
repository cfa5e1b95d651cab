-- CreateTable
CREATE TABLE "price" (
    "provider" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "price" JSONB NOT NULL,
    "as_of" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL,

    CONSTRAINT "price_pkey" PRIMARY KEY ("provider","model")
);

CREATE FUNCTION notify_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('touchstone', 'price ' || COALESCE(NEW.model, OLD.model));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_price AFTER INSERT OR UPDATE OR DELETE ON "price" FOR EACH ROW EXECUTE FUNCTION notify_price();
