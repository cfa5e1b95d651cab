import { createMemoryTracking } from './memory.ts';
import { trackingContract } from './tracking-contract.ts';

trackingContract('memory', async () => createMemoryTracking());
