-- AlterTable
ALTER TABLE "endpoint" DROP COLUMN "protocol";

-- DropEnum
DROP TYPE "endpoint_protocol";
