import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'must be text, a number or true/false' });
const texts = z.array(z.string(), { error: 'must be a list of texts' });
const scalarMap = z.record(z.string(), scalar, { error: 'must be an object of texts' });
const seconds = z.number().positive();

/**
 * Every key that some client gives a meaning, with the type it must have; the others pass untouched. Keys that only
 * steer a client (its approvals, its sign-in, its own sandbox) are listed so that they raise no "unknown" warning.
 */
export const entrySchema = z.looseObject({
  type: z
    .string()
    .optional()
    .describe(
      'stdio, http (also streamable-http, streamableHttp) or sse. Found out from the other keys when left out.',
    ),
  transport: z.string().optional().describe('Another name of type.'),
  protocol: z.string().optional().describe('Another name of type (mcpproxy).'),

  command: z.string().optional().describe('The program of a stdio server.'),
  args: z
    .array(scalar, { error: 'must be a list of texts' })
    .optional()
    .describe('Its arguments, one by one; no shell is involved.'),
  env: z
    .record(z.string(), z.union([scalar, z.null()], { error: 'must be text, a number, true/false or null' }), {
      error: 'must be an object of texts',
    })
    .optional()
    .describe('Names that the server finds in its environment besides PATH, HOME, LANG and TMPDIR.'),
  env_vars: z
    .array(
      z.union([z.string(), z.looseObject({ name: z.string(), source: z.string().optional() })], {
        error: 'must be a name or {name, source}',
      }),
    )
    .optional()
    .describe('Names handed on from the environment of the gateway, where they are set (Codex).'),
  envFile: z.string().optional().describe('A file of NAME=value lines; env wins over it.'),
  cwd: z.string().optional().describe('Where the server runs; the folder of the project when left out.'),

  url: z
    .string()
    .optional()
    .describe('The address of an HTTP server: Streamable HTTP first, SSE when that is not spoken.'),
  httpUrl: z.string().optional().describe('Another name of url (Gemini CLI).'),
  serverUrl: z.string().optional().describe('Another name of url (Windsurf).'),
  headers: scalarMap.optional().describe('Sent with every request to the server.'),
  http_headers: scalarMap.optional().describe('Another name of headers (Codex).'),
  env_http_headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Headers whose values are read from the environment (Codex).'),
  bearer_token_env_var: z.string().optional().describe('The name in the environment of a bearer token (Codex).'),
  bearer_token: z.unknown().optional(),

  enabled: z.boolean().optional().describe('false: listed, but not started.'),
  disabled: z.boolean().optional().describe('true: listed, but not started.'),

  includeTools: texts.optional().describe('Only these tools are shown.'),
  excludeTools: texts.optional().describe('These tools are not shown, even if included.'),
  enabled_tools: texts.optional(),
  disabled_tools: texts.optional(),
  disabledTools: texts.optional(),
  toolFilter: z
    .union([texts, z.looseObject({})], { error: 'must be a list of tools or an object of lists' })
    .optional(),
  tools: z
    .union([texts, z.looseObject({})], { error: 'must be a list of tools or an object' })
    .optional()
    .describe('Only these tools are shown; ["*"] is all of them (Copilot).'),

  timeout: z.number().positive().optional().describe('For one call, in milliseconds (in a file of Cline: in seconds).'),
  timeouts: z.looseObject({}).optional(),
  startup_timeout_sec: seconds.optional(),
  startup_timeout_ms: z.number().positive().optional(),
  tool_timeout_sec: seconds.optional(),

  autoApprove: z.unknown().optional(),
  alwaysAllow: z.unknown().optional(),
  trust: z.unknown().optional(),
  default_tools_approval_mode: z.unknown().optional(),
  oauth: z.unknown().optional(),
  auth: z.unknown().optional(),
  authProviderType: z.unknown().optional(),
  headersHelper: z.unknown().optional(),
  scopes: z.unknown().optional(),
  oauth_resource: z.unknown().optional(),
  sandbox: z.unknown().optional(),
  sandboxEnabled: z.unknown().optional(),
  inheritParentEnv: z.unknown().optional(),
  dev: z.unknown().optional(),
  required: z.unknown().optional(),
  supports_parallel_tool_calls: z.unknown().optional(),
  experimental_environment: z.unknown().optional(),
  name: z.unknown().optional(),
  description: z.unknown().optional(),
  tags: z.unknown().optional(),
  icon: z.unknown().optional(),
  gallery: z.unknown().optional(),
  version: z.unknown().optional(),
});

export type RawEntry = z.infer<typeof entrySchema>;

export const entryKeys: readonly string[] = Object.keys(entrySchema.shape);
