/** Ends with 1 and says so when a stack runs on TOUCHSTONE_HOME: asked before anything is rebuilt under it. */
import { realpathSync } from 'node:fs';
import { refuseIfRunning } from './claim.ts';

try {
  refuseIfRunning(realpathSync(process.env.TOUCHSTONE_HOME ?? '.'));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
