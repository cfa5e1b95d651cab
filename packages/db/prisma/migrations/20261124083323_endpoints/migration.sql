-- CreateEnum
CREATE TYPE "endpoint_protocol" AS ENUM ('openai');

-- CreateTable
CREATE TABLE "endpoint" (
    "name" TEXT NOT NULL,
    "base_url" TEXT NOT NULL,
    "protocol" "endpoint_protocol" NOT NULL DEFAULT 'openai',
    "secret" TEXT,
    "concurrency" INTEGER,
    "provider" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "endpoint_pkey" PRIMARY KEY ("name")
);

CREATE FUNCTION notify_endpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('touchstone', 'endpoint ' || COALESCE(NEW.name, OLD.name));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_endpoint AFTER INSERT OR UPDATE OR DELETE ON "endpoint" FOR EACH ROW EXECUTE FUNCTION notify_endpoint();
