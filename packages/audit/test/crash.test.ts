import { expect, test } from 'vitest';
import { crashRuns } from './soak/crash-runs.ts';

test('after kill -9 under load every acknowledged record is there, both verifiers are content, every exchange has one end', async () => {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const report = await crashRuns(15, random, { verifyEach: 5 });
  expect(report).toMatchObject({ kills: 15, lost: 0, falseAlarms: 0, falseAlarmsBeforeRepair: 0, wrongTerminals: 0 });
  expect(report.acknowledged).toBeGreaterThan(100);
}, 120_000);
