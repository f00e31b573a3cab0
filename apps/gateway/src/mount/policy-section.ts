import { policySchema } from '@sekisho/policy/config';
import { z } from 'zod';

const hints = z.strictObject({
  readOnlyHint: z.boolean().exactOptional(),
  destructiveHint: z.boolean().exactOptional(),
  idempotentHint: z.boolean().exactOptional(),
  openWorldHint: z.boolean().exactOptional(),
});

/** `x-sekisho.policy`: who may use what. */
export const policySection = policySchema
  .extend({
    annotations: z
      .record(z.string(), z.record(z.string(), hints))
      .optional()
      .describe(
        'What you vouch for, by server and tool. Rules that ask for annotations look here only: what a server says of its own tools is not believed.',
      ),
  })
  .describe('Who may use what. What no rule allows is denied; a denial overrides what is allowed.');

export type PolicySection = z.infer<typeof policySection>;
