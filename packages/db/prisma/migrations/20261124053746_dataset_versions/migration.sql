-- CreateEnum
CREATE TYPE "dataset_format" AS ENUM ('csv', 'jsonl', 'parquet');

-- AlterTable
ALTER TABLE "dataset" ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "format" "dataset_format",
ADD COLUMN     "note" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "provenance" JSONB NOT NULL DEFAULT '{"kind": "uploaded"}',
ADD COLUMN     "root_id" UUID,
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- Until now every dataset was an uploaded CSV file and a first version.
UPDATE "dataset" SET "root_id" = "id", "format" = 'csv';
ALTER TABLE "dataset" ALTER COLUMN "root_id" SET NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "dataset_root_id_version_key" ON "dataset"("root_id", "version");
