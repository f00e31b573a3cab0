import { z } from 'zod';

/** `x-sekisho.admin`: the port for whoever runs the gateway, apart from the one for its clients. */
export const adminSettingsSchema = z
  .strictObject({
    enabled: z.boolean().optional().describe('false: no such port. Default true.'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe('Default 0: any free one; where it is stands in the folder for state, under admin.'),
    host: z.enum(['127.0.0.1', '::1', 'localhost']).optional().describe('Default 127.0.0.1. Only loopback.'),
  })
  .describe(
    'Metrics, health, status, reload and the commands of the record. Asks for the token in the folder for state.',
  );

export type AdminSettings = z.infer<typeof adminSettingsSchema>;
