import { piiConfig } from '@sekisho/pii/config';
import { z } from 'zod';

const key = z.string().min(32);

/** `x-sekisho.pii`: what is masked in content. */
export const piiSection = piiConfig
  .omit({ maxStringLength: true })
  .extend({
    descriptions: z
      .boolean()
      .default(false)
      .describe('Whether what servers say of their tools, prompts and resources is masked as well. Default false.'),
    maxScanBytes: z
      .int()
      .min(65_536)
      .max(1_073_741_824)
      .default(16_777_216)
      .describe(
        'The largest content that is looked at, in characters, 65,536 to 1,073,741,824. Default 16,777,216. Larger content is refused.',
      ),
    key: key
      .optional()
      .describe(
        'What tokens and hashes are made with, 32 characters or more; write it as ${secret:name}. Default: a key that Sekisho makes and keeps in its state folder.',
      ),
    previousKeys: z
      .array(key)
      .max(8)
      .default([])
      .describe('Keys that tokens were made with before: such tokens can still be restored. Default: none.'),
  })
  .describe(
    'Personal data and secrets in arguments and results: what is found, and what becomes of it. See docs/masking.md.',
  );

export type PiiSection = z.output<typeof piiSection>;
