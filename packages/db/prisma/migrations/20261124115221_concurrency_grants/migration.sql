-- AlterTable
ALTER TABLE "job" ADD COLUMN     "concurrency" INTEGER;
