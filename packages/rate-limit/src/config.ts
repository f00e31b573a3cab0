import { z } from 'zod';
import { DIMENSIONS } from './subject.ts';

/**
 * The part of the options that can be written in a file. `createRateLimiter` checks what goes beyond a single value,
 * such as two rules of one name.
 */
const dimension = z.enum(DIMENSIONS as [(typeof DIMENSIONS)[number], ...(typeof DIMENSIONS)[number][]]);
const positive = z.number().positive();
const units = z.number().nonnegative();
const count = z.number().int();

export const rateAllowanceSchema = z.strictObject({
  kind: z.literal('rate'),
  amount: positive.describe('Units per periodMs'),
  periodMs: positive.describe('Milliseconds'),
  burst: z.number().min(1).describe('Units at once; how much more than the rate may pass in any window'),
  overdraft: units.exactOptional().describe('Units by which a settled cost may overdraw the bucket; default amount'),
});

export const budgetAllowanceSchema = z.strictObject({
  kind: z.enum(['day', 'month']).describe('Calendar period, UTC'),
  amount: positive.describe('Units per day or month'),
});

export const ruleSchema = z.strictObject({
  name: z.string().regex(/^[a-zA-Z][\w.-]{0,63}$/),
  by: z.array(dimension).describe('One bucket for each combination; empty: one for all'),
  allow: z.discriminatedUnion('kind', [rateAllowanceSchema, budgetAllowanceSchema]),
  whenStoreFails: z.enum(['local', 'refuse']).describe('No default: availability or exactness'),
  match: z
    .strictObject({
      methods: z.array(z.string()).exactOptional(),
      servers: z.array(z.string()).exactOptional(),
      tools: z.array(z.string()).exactOptional(),
    })
    .exactOptional()
    .describe('Exact names, or beginnings followed by *'),
  unit: z.enum(['requests', 'bytes', 'tokens']).exactOptional(),
  cost: units.exactOptional().describe('Units for one call; default 1'),
  weights: z.record(z.string(), units).exactOptional().describe('By tool name: factor on cost'),
  mode: z.enum(['enforce', 'shadow']).exactOptional(),
  refundable: z.boolean().exactOptional(),
  absent: z.enum(['skip', 'share']).exactOptional(),
});

export const rateLimitSchema = z.strictObject({
  rules: z.array(ruleSchema).max(32),
  replicas: z.number().min(1).exactOptional().describe('Processes that share the store'),
  scopeBy: z.literal('tenant').exactOptional(),
  timeoutMs: z
    .number()
    .min(1)
    .max(60_000)
    .exactOptional()
    .describe('Milliseconds to wait for a shared store; default 50'),
  failures: count.min(1).exactOptional(),
  pauseMs: z.number().min(1).max(3_600_000).exactOptional(),
  denialCacheMs: z.number().min(0).max(3_600_000).exactOptional(),
  denialCacheKeys: count.min(1).exactOptional(),
  warnAt: z.number().positive().max(1).exactOptional(),
});

const adaptiveSchema = z.strictObject({
  initial: count.min(1).exactOptional(),
  min: count.min(1).exactOptional(),
  max: count.min(1).exactOptional(),
});

export const concurrencySchema = z.strictObject({
  rules: z.array(
    z.strictObject({
      name: z.string().min(1),
      by: z.array(dimension),
      limit: z.union([count.min(1), adaptiveSchema]).describe('Calls at once, or bounds of an adaptive limit'),
      maxQueuedPerCaller: count.min(0).exactOptional(),
      maxQueued: count.min(0).exactOptional(),
    }),
  ),
  maxWaitMs: positive.exactOptional().describe('Milliseconds; default 10000'),
  maxIdleGates: count.min(0).exactOptional(),
});

export const streamsSchema = z.strictObject({
  rules: z.array(z.strictObject({ name: z.string().min(1), by: z.array(dimension), limit: count.min(1) })),
});

const addressAllowanceSchema = z.strictObject({ amount: positive, periodMs: positive, burst: z.number().min(1) });

export const addressSchema = z.strictObject({
  requests: addressAllowanceSchema.exactOptional().describe('Requests of any kind; default: as many as come'),
  failures: addressAllowanceSchema.describe('Failed sign-ins'),
  maxKeys: count.min(1).exactOptional(),
});

export type RateLimitConfig = z.infer<typeof rateLimitSchema>;
export type ConcurrencyConfig = z.infer<typeof concurrencySchema>;
export type StreamsConfig = z.infer<typeof streamsSchema>;
export type AddressConfig = z.infer<typeof addressSchema>;
