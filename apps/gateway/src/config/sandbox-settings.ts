import { NO_BOX_SENTENCE } from '@sekisho/sandbox';
import { sandboxProfileSchema } from '@sekisho/sandbox/config';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const noBox = {
  backend: z
    .literal('none')
    .optional()
    .describe('none: no box at all; needs "iUnderstand". Left out: the box of this system.'),
  iUnderstand: z
    .literal(NO_BOX_SENTENCE, { error: `must be the sentence ${JSON.stringify(NO_BOX_SENTENCE)}` })
    .optional()
    .describe('The sentence that "backend": "none" needs, word for word.'),
};

const consistent = (
  value: { backend?: 'none' | undefined; iUnderstand?: string | undefined },
  context: z.RefinementCtx,
): void => {
  if ((value.backend === undefined) === (value.iUnderstand === undefined)) return;
  context.addIssue({
    code: 'custom',
    message: `"backend": "none" and "iUnderstand": ${JSON.stringify(NO_BOX_SENTENCE)} belong together`,
  });
};

/** `x-sekisho.sandbox` of a server: what its box allows. Everything that is not named is denied. */
export const serverSandboxSchema = z
  .strictObject({ ...sandboxProfileSchema.shape, ...noBox })
  .superRefine(consistent)
  .describe('What the box of this server allows. Everything that is not named is denied.');

/** `x-sekisho.sandbox` at the root: the same for every server, and what concerns all boxes. */
export const rootSandboxSchema = z
  .strictObject({
    ...sandboxProfileSchema.shape,
    ...noBox,
    endOnPlaceholder: z
      .boolean()
      .optional()
      .describe(
        'true: a server that sends the placeholder of a brokered secret where it has no business is ended. Default false: it is recorded.',
      ),
    proofLifeMs: z
      .int()
      .min(1000)
      .max(86_400_000)
      .optional()
      .describe(
        'How long the proof of a box holds before it is made again, in milliseconds, 1,000 to 86,400,000. Default 3,600,000 (an hour).',
      ),
    registry: z
      .url()
      .optional()
      .describe('Where npx, npm exec and pnpm dlx install from. Default https://registry.npmjs.org/.'),
    pythonIndex: z.url().optional().describe('Where uvx installs from. Default https://pypi.org/simple.'),
    container: z
      .strictObject({ program: z.string().min(1), image: z.string().min(1) })
      .optional()
      .describe(
        'Run the boxes with this docker or podman (absolute path) and image instead. Not verified: needs "enforcement": "best-effort".',
      ),
  })
  .superRefine(consistent)
  .describe(
    'What the boxes of all servers allow, and how boxes are made. A server\'s own "sandbox" wins, key by key; denials add up.',
  );

export type ServerSandbox = z.infer<typeof serverSandboxSchema>;
export type RootSandbox = z.infer<typeof rootSandboxSchema>;

/** What concerns the making of boxes is read once; the profiles themselves are taken over with their servers. */
export function sandboxWaits(before: RootSandbox | undefined, after: RootSandbox | undefined): string[] {
  return (['endOnPlaceholder', 'proofLifeMs', 'container'] as const)
    .filter((key) => !isDeepStrictEqual(before?.[key], after?.[key]))
    .map((key) => `sandbox.${key}`);
}
