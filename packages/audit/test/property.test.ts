import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyLog } from '../src/verify/verify.ts';
import { copyOf, makeDirectory, openLog, removeAll, runTiny, segmentsOf, vkeyOf } from './kit.ts';
import type { AuditEvent } from '../src/event.ts';

const key = await vkeyOf();

const event: fc.Arbitrary<AuditEvent> = fc.record(
  {
    type: fc.constantFrom(
      'auth.ok',
      'auth.expired',
      'mcp.tool.result',
      'config.changed',
      'limit.exceeded',
      'gateway.started',
    ),
    outcome: fc.constantFrom('ok', 'denied', 'error'),
    actor: fc.record({ issuer: fc.constant('i'), subject: fc.constantFrom('a', 'b', 'c') }),
    detail: fc.dictionary(
      fc.string({ maxLength: 8 }),
      fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer()),
      { maxKeys: 4 },
    ),
    response: fc.record({ bytes: fc.nat(), durationMs: fc.nat() }),
  },
  { requiredKeys: ['type'] },
);

test('for random logs and random single-bit changes no verifier ever says intact', async () => {
  let tinyRuns = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.nat(2 ** 31 - 1), { minLength: 14, maxLength: 14 }),
      async (events, closed, every, positions) => {
        const directory = join(makeDirectory(), 'log');
        const log = await openLog({ directory, maxSegmentBytes: 65_536, checkpointEveryRecords: every });
        for (const one of events) await log.record(one);
        if (closed) await log.close();
        else await log.checkpoint();
        expect((await verifyLog({ directory, keys: [key] })).status).toBe('intact');
        const copy = copyOf(directory);
        const files = [...segmentsOf(copy), join(copy, 'checkpoint')];
        for (const [i, position] of positions.entries()) {
          // Every second change goes to the end of the log, where only the newest signature reaches.
          const path = i % 2 === 0 ? files[position % files.length]! : files.at(-2)!;
          const original = readFileSync(path);
          const range = i % 2 === 0 ? original.length : Math.min(original.length, 1200);
          const changed = Buffer.from(original);
          const at = original.length - 1 - (position % range);
          changed[at]! ^= 1 << (position % 8);
          writeFileSync(path, changed);
          const { status } = await verifyLog({ directory: copy, keys: [key] });
          expect(status, `${path} byte ${at} bit ${position % 8}`).not.toBe('intact');
          // The program is a process of its own, so it sees a sample.
          if (i === 0) {
            tinyRuns += 1;
            expect(runTiny(copy, [key]).status).not.toBe('intact');
          }
          writeFileSync(path, original);
        }
        if (!closed) await log.close();
        removeAll(directory, copy);
      },
    ),
    { numRuns: 14, endOnFailure: true },
  );
  expect(tinyRuns).toBeGreaterThanOrEqual(14);
}, 60_000);
