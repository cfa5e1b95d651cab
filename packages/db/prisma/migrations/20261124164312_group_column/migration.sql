-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "group_column" TEXT;
