-- AlterTable
ALTER TABLE "service_health" ADD COLUMN     "facts" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "to_do" TEXT;
