-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "repeats" INTEGER NOT NULL DEFAULT 1;
