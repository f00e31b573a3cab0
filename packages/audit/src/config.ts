import { z } from 'zod';
import { SETTING_RANGES } from './log-options.ts';

function integer(name: keyof typeof SETTING_RANGES, description: string) {
  const [least, most] = SETTING_RANGES[name];
  return z.int().min(least).max(most).optional().describe(description);
}

/** The part of the options that is data. Keys, signers and places are made by code from secret references. */
export const auditConfigSchema = z
  .strictObject({
    durability: z
      .enum(['strict', 'standard', 'relaxed'])
      .optional()
      .describe('What an answer waits for. Default standard.'),
    checkpointEveryRecords: integer(
      'checkpointEveryRecords',
      'A checkpoint is signed after this many records. Default 1024.',
    ),
    checkpointEveryMs: integer(
      'checkpointEveryMs',
      'Or after this many milliseconds with new records. Default 1000; 0 turns it off.',
    ),
    maxSegmentBytes: integer('maxSegmentBytes', 'A new segment begins above this size. Default 64 MiB.'),
    maxSegmentAgeMs: integer('maxSegmentAgeMs', 'Or this age in milliseconds. Default one day.'),
    maxBatchRecords: integer('maxBatchRecords', 'Records per write and fsync. Default 512.'),
    maxBatchBytes: integer('maxBatchBytes', 'Bytes per write and fsync. Default 512 KiB.'),
    maxQueueBytes: integer('maxQueueBytes', 'Above this many waiting bytes records are refused. Default 64 MiB.'),
    maxRelaxedRecords: integer(
      'maxRelaxedRecords',
      'Above this many waiting relaxed records further ones are dropped and counted. Default 10000.',
    ),
    ackTimeoutMs: integer(
      'ackTimeoutMs',
      'A write that takes longer refuses all who wait, in milliseconds. Default 5000.',
    ),
    maxCachedIdentities: integer('maxCachedIdentities', 'Identities remembered with their envelope. Default 10000.'),
    clockToleranceMs: integer('clockToleranceMs', 'A clock that jumps by more milliseconds is recorded. Default 5000.'),
  })
  .describe('The audit log.');

export type AuditConfig = z.infer<typeof auditConfigSchema>;
