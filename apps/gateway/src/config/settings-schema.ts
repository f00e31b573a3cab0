import { z } from 'zod';
import { adminSettingsSchema } from '../admin/settings.ts';
import { auditSettingsSchema } from '../audit/settings.ts';
import { piiSection } from '../mount/pii-section.ts';
import { authSection } from '../mount/auth-section.ts';
import { policySection } from '../mount/policy-section.ts';
import { rateLimitSection } from '../mount/rate-limit-section.ts';
import { rootSandboxSchema, serverSandboxSchema } from './sandbox-settings.ts';

const timeouts = z.strictObject({
  startMs: z
    .int()
    .min(100)
    .max(600_000)
    .optional()
    .describe('From the launch to the end of the handshake, in milliseconds, 100 to 600,000. Default 60,000.'),
  callMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .optional()
    .describe('For one call without progress, in milliseconds, 100 to 3,600,000. Default 120,000.'),
  idleMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .optional()
    .describe(
      'Stop the process when nothing was asked of it for so long, in milliseconds, 0 to 86,400,000 (a day). Default 0: never.',
    ),
});

const tools = z.strictObject({
  include: z.array(z.string()).optional().describe('Only these tools are shown. Default: all.'),
  exclude: z.array(z.string()).optional().describe('These tools are not shown, even if included. Default: none.'),
});

const checkMode = z.enum(['off', 'warn', 'enforce']);

/** `x-sekisho` at the root. An unknown key in it is an error: a misspelt setting of a security tool must not be ignored. */
export const rootSettingsSchema = z.strictObject({
  naming: z
    .enum(['prefix', 'none'])
    .optional()
    .describe(
      'prefix (default): a tool is called server__tool. none: under its own name; two of one name are refused.',
    ),
  listen: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .optional()
        .describe('Default 127.0.0.1. An address that others can reach needs "auth", and "tls" or "trustedProxies".'),
      port: z.int().min(0).max(65_535).optional().describe('Default 7300; 0 takes any free port.'),
      tls: z
        .strictObject({
          cert: z.string().min(1).describe('File of the certificate chain, PEM, the own certificate first.'),
          key: z.string().min(1).describe('File of the private key, PEM; only its owner may read it.'),
          clientCa: z
            .string()
            .min(1)
            .optional()
            .describe(
              'File of the authorities whose client certificates are asked for (RFC 8705), PEM. Default: none.',
            ),
        })
        .optional()
        .describe('Serve HTTPS, TLS 1.2 and later, HTTP/2 and HTTP/1.1. Renewed files are taken up by themselves.'),
      allowedHosts: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe('Values of Host that are served, with the port where it is not 80 or 443. Default: loopback names.'),
      allowedOrigins: z
        .array(z.string().min(1))
        .optional()
        .describe('Web origins besides its own that may call, such as https://app.example.com. Default: none.'),
      trustedProxies: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          'Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For and -Proto are believed. Default: nobody.',
        ),
      maxConnections: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .describe('Connections at one time, 1 to 1,000,000. Default 10,000.'),
    })
    .optional(),
  timeouts: timeouts.optional().describe('For every server that does not say otherwise.'),
  admin: adminSettingsSchema.optional(),
  audit: auditSettingsSchema.optional(),
  content: z
    .strictObject({
      arguments: checkMode
        .optional()
        .describe(
          'Arguments that do not fit the inputSchema of their tool. Default warn: they are passed on and logged.',
        ),
      results: checkMode
        .optional()
        .describe('Results that do not fit the outputSchema of their tool. Default off: they are not looked at.'),
    })
    .optional()
    .describe('off, warn: told in the log; enforce: refused.'),
  sandbox: rootSandboxSchema.optional(),
  limits: z
    .strictObject({
      maxBodyBytes: z
        .int()
        .min(1024)
        .max(1_073_741_824)
        .optional()
        .describe('The largest request, in bytes, 1,024 to 1,073,741,824. Default 4,194,304 (4 MiB).'),
      maxDepth: z
        .int()
        .min(8)
        .max(10_000)
        .optional()
        .describe('The deepest nesting of a request, 8 to 10,000. Default 100.'),
      maxSessions: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .describe(
          'Sessions of clients before 2026-07-28 at one time, 1 to 1,000,000. Default 10,000; the longest idle makes room.',
        ),
      sessionIdleMs: z
        .int()
        .min(1000)
        .max(86_400_000)
        .optional()
        .describe(
          'A session ends when nothing came for so long, in milliseconds, 1,000 to 86,400,000 (a day). Default 1,800,000.',
        ),
    })
    .optional(),
  pii: piiSection.optional(),
  auth: authSection.optional().describe('Who may come: OAuth access tokens and API keys. Default: API keys alone.'),
  policy: policySection.optional(),
  rateLimit: rateLimitSection.optional().describe('How much and how many at once; see docs/limits.md.'),
});

/** `x-sekisho` of one server. */
export const serverSettingsSchema = z.strictObject({
  instructions: z
    .boolean()
    .optional()
    .describe('false: what this server tells the model about itself is not passed on. Default true.'),
  tools: tools.optional(),
  timeouts: timeouts.optional(),
  sandbox: serverSandboxSchema.optional(),
});

export type RootSettings = z.infer<typeof rootSettingsSchema>;

/** Sections that Sekisho will have. Until a section is mounted, a file that asks for it does not start: it would be unprotected. */
export const futureSections: readonly string[] = ['pin', 'mask', 'limits', 'guard', 'monitor', 'vault'];
