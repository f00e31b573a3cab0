import { z } from 'zod';
import type { MaskerOptions } from './masker.ts';
import { labels } from './label.ts';
import type { Label } from './label.ts';
import type { Action, Direction } from './mask/policy.ts';
import type { PackName } from './packs.ts';
import { packs } from './packs.ts';
import type { Rule } from './rule.ts';

const actions = [
  'allow',
  'redact',
  'partial',
  'hash',
  'format-preserving',
  'tokenize',
  'block',
] as const satisfies readonly Action[];
const directions = ['to-model', 'to-tool', 'log', 'audit'] as const satisfies readonly Direction[];
const label = z.enum(labels as readonly [Label, ...Label[]]);
const name = z.string().min(1).max(256);

const policyRule = z.strictObject({
  labels: z.array(label).min(1).readonly().optional(),
  direction: z.union([z.enum(directions), z.array(z.enum(directions)).min(1).readonly()]).optional(),
  server: name.optional(),
  tool: name.optional(),
  path: z.string().min(1).max(1024).optional(),
  action: z.enum(actions),
});

const restoreRule = z.strictObject({
  labels: z.array(label).min(1).readonly().optional(),
  server: name,
  tool: name.optional(),
});

/** What of a masker can be said in a file. Keys are not among it: they enter by reference, through code. */
export const piiConfig = z.strictObject({
  packs: z
    .array(z.enum(Object.keys(packs) as [PackName, ...PackName[]]))
    .min(1)
    .default(['secrets', 'network', 'payment', 'contact', 'person', 'documents', 'world']),
  strictness: z.enum(['strict', 'balanced', 'relaxed']).default('balanced'),
  thresholds: z.partialRecord(label, z.number().min(0).max(1)).default({}),
  decode: z.boolean().default(true),
  policy: z
    .strictObject({
      rules: z.array(policyRule).readonly().default([]),
      otherwise: z.enum(actions).default('redact'),
      restore: z.array(restoreRule).readonly().default([]),
    })
    .prefault({}),
  numbers: z.enum(['number', 'string']).default('number'),
  placeholders: z.enum(['label', 'valid']).default('label'),
  skipPaths: z.array(z.string().min(1).max(1024)).default([]),
  maxStringLength: z.int().min(1024).max(16_777_216).default(262_144),
  tokens: z
    .strictObject({
      style: z.enum(['self-describing', 'look-alike']).default('self-describing'),
      ttlSeconds: z.int().min(60).max(31_536_000).default(86_400),
    })
    .optional(),
});

export type PiiConfig = z.output<typeof piiConfig>;

/** Rules of several packs, each once. */
export function uniqueRules(names: readonly PackName[]): readonly Rule[] {
  const seen = new Map<string, Rule>();
  for (const pack of names) for (const rule of packs[pack]) seen.set(rule.id, rule);
  return [...seen.values()];
}

const dropUndefined = <Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>;
  };

/** The part of the options that the configuration determines; keys and stores are added by the caller. */
export function toOptions(config: PiiConfig): Omit<MaskerOptions, 'tokens' | 'hashKey' | 'formatKey' | 'engine'> {
  return {
    rules: uniqueRules(config.packs),
    strictness: config.strictness,
    thresholds: config.thresholds,
    decode: config.decode,
    policy: {
      rules: config.policy.rules.map((rule) => dropUndefined(rule)),
      otherwise: config.policy.otherwise,
      restore: config.policy.restore.map((rule) => dropUndefined(rule)),
    },
    numbers: config.numbers,
    placeholders: config.placeholders,
    skipPaths: config.skipPaths,
    maxStringLength: config.maxStringLength,
  };
}
