/** `npm run generate:python`: the part of the Python client that the server's OpenAPI document says. */
import { writeFileSync } from 'node:fs';
import { generateClient } from './client.ts';

for (const [path, text] of Object.entries(await generateClient())) writeFileSync(path, text);
