-- AlterTable
ALTER TABLE "dataset" ADD COLUMN     "last_version" INTEGER NOT NULL DEFAULT 1;

UPDATE "dataset" d SET "last_version" = (SELECT max("version") FROM "dataset" v WHERE v."root_id" = d."root_id");
