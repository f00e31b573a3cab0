import { writeFile } from 'node:fs/promises';
import { configJsonSchema } from '../src/config/json-schema.ts';

// Run after a change of the configuration's schemas; a test compares the result.
await writeFile(new URL('sekisho.schema.json', import.meta.url), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
