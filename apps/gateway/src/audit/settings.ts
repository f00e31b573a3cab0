import { auditConfigSchema } from '@sekisho/audit/config';
import { z } from 'zod';

const format = z
  .enum(['line', 'ocsf', 'ecs', 'cef', 'cloudevents'])
  .optional()
  .describe('How a record is written. Default line: as it lies in the log.');
const name = z
  .string()
  .regex(/^[a-z0-9_-]{1,64}$/)
  .optional()
  .describe('Names the cursor of this sink. Default: its kind.');
const url = z.url({ protocol: /^https?$/ });
const webhookSecrets = z
  .array(z.string().startsWith('whsec_'))
  .min(1)
  .describe('Standard Webhooks secrets; several while one is being rotated. Write them as ${secret:name}.');

const sink = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), name, path: z.string().min(1), format }),
  z.strictObject({ kind: z.literal('stdout'), name, format }),
  z.strictObject({ kind: z.literal('webhook'), name, url, secrets: webhookSecrets }),
  z.strictObject({
    kind: z.literal('otlp'),
    name,
    url: url.describe('Full address, usually ending in /v1/logs.'),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .describe('Such as an authorization header, as ${secret:name}.'),
  }),
]);

const place = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), name, path: z.string().min(1) }),
  z.strictObject({ kind: z.literal('webhook'), name, url, secrets: webhookSecrets }),
]);

const capture = z.strictObject({
  server: z.string().min(1).optional().describe('Default: every server.'),
  name: z.string().min(1).optional().describe('Tool or prompt, with * for any run of characters. Default: all.'),
  arguments: z.boolean().optional().describe('Default false.'),
  results: z.boolean().optional().describe('Default false.'),
});

/** `x-sekisho.audit`. On unless it says otherwise. */
export const auditSettingsSchema = z
  .strictObject({
    ...auditConfigSchema.shape,
    enabled: z.boolean().optional().describe('false: nothing is recorded. Default true.'),
    replica: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/)
      .optional()
      .describe(
        'Names the log of this process: its folder, and the end of its origin. Default: the first free of 1, 2, …',
      ),
    origin: z
      .string()
      .regex(/^[^\s+]{1,200}$/)
      .optional()
      .describe(
        'Begins the name under which checkpoints are signed, such as gw.example.com/audit. Default: one made up.',
      ),
    signingKey: z
      .string()
      .min(1)
      .optional()
      .describe('Ed25519 private key, PEM (PKCS #8), as ${secret:name}. Default: one made at the first start.'),
    keyEncryptionKey: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/)
      .optional()
      .describe('32 bytes in base64, as ${secret:name}; wraps the keys of subjects. Default: made at the first start.'),
    retentionDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe('Whole segments older than this are deleted, days, 1 to 3,650. Default 90.'),
    maxTotalBytes: z
      .int()
      .min(0)
      .max(1_099_511_627_776)
      .optional()
      .describe('The oldest segments go when all are larger, bytes; 0: no limit. Default 1,073,741,824 (1 GiB).'),
    capture: z
      .array(capture)
      .optional()
      .describe('Content to keep, sealed under the key of its sender. Default: none.'),
    sinks: z
      .array(sink)
      .optional()
      .describe('Where records are copied to, at least once and in order. Default: nowhere.'),
    places: z
      .array(place)
      .optional()
      .describe('Where signed checkpoints are kept outside; without one a rollback of the whole folder goes unseen.'),
    openTelemetry: z
      .boolean()
      .optional()
      .describe('Spans and metrics by the OpenTelemetry SDK that was loaded before. Default false.'),
    sinkLagMs: z
      .int()
      .min(1000)
      .max(86_400_000)
      .optional()
      .describe('A sink that is behind by more is told of as audit.sink_lag, milliseconds. Default 60,000.'),
  })
  .describe('The tamper-evident record. On by default, in the folder for state.');

export type AuditSettings = z.infer<typeof auditSettingsSchema>;
