-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "budget" JSONB,
ADD COLUMN     "confirmed_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "job" ADD COLUMN     "budget" JSONB,
ADD COLUMN     "spent" JSONB;
