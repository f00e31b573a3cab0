import { z } from 'zod';
import { entrySchema } from './formats/entry-schema.ts';
import { rootSettingsSchema, serverSettingsSchema } from './settings-schema.ts';

const serverEntry = entrySchema
  .extend({ 'x-sekisho': serverSettingsSchema.optional().describe('What Sekisho does with this server.') })
  .meta({ id: 'server', description: 'One server, as any client writes it.' });

const fileSchema = z
  .looseObject({
    $schema: z.string().optional(),
    extends: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('Files whose servers are taken over. A name that is in both is a conflict.'),
    mcpServers: z.record(z.string(), serverEntry).optional().describe('The servers, by name.'),
    servers: z.record(z.string(), serverEntry).optional().describe('The servers, by name, as VS Code writes them.'),
    inputs: z
      .array(
        z.looseObject({
          id: z.string(),
          type: z.enum(['promptString', 'pickString', 'command']),
          description: z.string().optional(),
          password: z.boolean().optional(),
          default: z.string().optional(),
          options: z.array(z.unknown()).optional(),
        }),
      )
      .optional()
      .describe('What ${input:id} asks for.'),
    'x-sekisho': rootSettingsSchema.optional().describe('How Sekisho runs. Unknown keys in here are errors.'),
  })
  .describe('The MCP servers that Sekisho stands in front of.');

/** The published schema, which gives editors completion for a configuration file. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7', reused: 'inline' });
  return { title: 'Sekisho configuration', ...schema };
}
