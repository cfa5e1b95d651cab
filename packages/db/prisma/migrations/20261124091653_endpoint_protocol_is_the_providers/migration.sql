-- AlterEnum
ALTER TYPE "job_kind" ADD VALUE 'comparison';

-- AlterTable
ALTER TABLE "endpoint" DROP COLUMN "protocol";

-- DropEnum
DROP TYPE "endpoint_protocol";
