-- The only key so far is the local command line's, which the server lets in again whenever it starts.
DELETE FROM "api_key";

-- CreateEnum
CREATE TYPE "api_key_scope" AS ENUM ('read', 'run', 'owner');

-- AlterTable
ALTER TABLE "api_key" ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "last4" TEXT NOT NULL,
ADD COLUMN     "last_used_at" TIMESTAMPTZ(3),
ADD COLUMN     "scope" "api_key_scope" NOT NULL;

CREATE FUNCTION notify_api_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('touchstone', 'api_key ' || COALESCE(NEW.id, OLD.id));
  RETURN NULL;
END $$;
CREATE TRIGGER notify_api_key AFTER INSERT OR UPDATE OR DELETE ON "api_key" FOR EACH ROW EXECUTE FUNCTION notify_api_key();
