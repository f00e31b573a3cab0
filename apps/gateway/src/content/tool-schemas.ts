import { compileSchema, type SchemaCheck } from './schema-check.ts';
import type { Unusable } from './schema-bounds.ts';

export interface ToolSchemas {
  readonly input: SchemaCheck | Unusable | undefined;
  readonly output: SchemaCheck | Unusable | undefined;
}

/** Most tools whose checks are kept; beyond it the ones that were not used for the longest time are compiled anew when needed. */
const MOST = 2_000;

/** Compiles the schemas of tools when they are first called; a tool whose definition has changed is compiled anew. */
export function createToolSchemas(): (definition: string) => ToolSchemas {
  const known = new Map<string, ToolSchemas>();
  return (definition) => {
    let schemas = known.get(definition);
    if (schemas === undefined) {
      schemas = read(definition);
      if (known.size >= MOST) known.delete(known.keys().next().value!);
    } else known.delete(definition);
    known.set(definition, schemas);
    return schemas;
  };
}

function read(definition: string): ToolSchemas {
  // The text is a binary string: one character for each byte of UTF-8.
  const tool = JSON.parse(Buffer.from(definition, 'latin1').toString('utf8')) as Record<string, unknown>;
  return { input: compile(tool['inputSchema']), output: compile(tool['outputSchema']) };
}

function compile(schema: unknown): SchemaCheck | Unusable | undefined {
  return schema === undefined ? undefined : compileSchema(JSON.stringify(schema));
}
