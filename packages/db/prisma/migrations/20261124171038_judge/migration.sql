-- AlterTable
ALTER TABLE "job" ADD COLUMN     "judge" TEXT;
