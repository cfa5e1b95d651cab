-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "recommend" JSONB;
