import { z } from 'zod';
import { NO_BOX_SENTENCE } from './backends/none.ts';
import { LIMIT_RULES } from './profile/profile.ts';

/** The `sandbox` block of a server in a configuration file. Unknown keys are errors, here as in code. */
const paths = z.array(z.string().min(1)).optional();
const limit = (name: keyof typeof LIMIT_RULES) =>
  z.int().min(LIMIT_RULES[name].least).max(LIMIT_RULES[name].most).optional();

const broker = z.strictObject({
  host: z.string().min(1).describe('Host that gets the real value, as allowedDomains names it.'),
  header: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
    .describe('Request header in which the placeholder is replaced.'),
});

const secretReference = z.strictObject({
  secret: z.string().min(1).describe('Name of the secret in the store.'),
  broker: broker.optional().describe('With it the value never enters the box.'),
});

export const sandboxProfileSchema = z.strictObject({
  filesystem: z
    .strictObject({ allowRead: paths, denyRead: paths, allowWrite: paths, denyWrite: paths })
    .optional()
    .describe(
      'Paths from the root or from ~/. Everything that is not named is denied, except the system and the command itself.',
    ),
  network: z
    .strictObject({
      allowedDomains: z.array(z.string().min(1)).optional(),
      deniedDomains: z.array(z.string().min(1)).optional(),
    })
    .optional()
    .describe('host (port 443), host:port, *.host, address:port. Everything that is not named is denied.'),
  spawn: z.boolean().optional().describe('True lets the command start other processes. Default false.'),
  unixSockets: z.boolean().optional().describe('True lets the command open unix sockets. Default false.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.union([z.string(), z.literal(true), secretReference]))
    .optional()
    .describe('A string is the value, true passes the variable through, an object takes it from the secret store.'),
  cwd: z.string().min(1).optional().describe('Directory that the command starts in; becomes readable. Default /tmp.'),
  limits: z
    .strictObject({
      memoryBytes: limit('memoryBytes'),
      cpuPercent: limit('cpuPercent'),
      cpuMs: limit('cpuMs'),
      processes: limit('processes'),
      openFiles: limit('openFiles'),
      wallMs: limit('wallMs'),
      tmpBytes: limit('tmpBytes'),
      fileBytes: limit('fileBytes'),
      stdoutBytesPerSecond: limit('stdoutBytesPerSecond'),
    })
    .optional(),
  enforcement: z
    .enum(['required', 'best-effort'])
    .optional()
    .describe('What cannot be enforced stops the start (required, default) or is listed (best-effort).'),
});

/** `{ "backend": "none", "iUnderstand": "..." }`: no box at all. The sentence has to be there word for word. */
export const noBoxSchema = z.strictObject({
  backend: z.literal('none'),
  iUnderstand: z.literal(NO_BOX_SENTENCE),
  env: sandboxProfileSchema.shape.env,
  cwd: sandboxProfileSchema.shape.cwd,
});

export const sandboxConfigSchema = z.union([sandboxProfileSchema, noBoxSchema]);
export type SandboxConfig = z.infer<typeof sandboxConfigSchema>;

/** True where the operator chose to run this server with no box. */
export const choosesNoBox = (config: SandboxConfig): config is z.infer<typeof noBoxSchema> => 'backend' in config;
