import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory, openLog, recordsOf, verifyBoth, vkeyOf } from './kit.ts';

const key = await vkeyOf();

test('a clock that is moved within a run is recorded, with both directions seen against the monotonic clock', async () => {
  const directory = join(makeDirectory(), 'log');
  let wall = 1_795_000_000_000;
  let monotonic = 0;
  const pass = (ms: number): void => {
    wall += ms;
    monotonic += ms;
  };
  const log = await openLog({ directory, now: () => wall, monotonicNow: () => monotonic });
  await log.record({ type: 'auth.ok' });
  pass(3_600_000);
  await log.record({ type: 'auth.ok' });
  wall += 60_000;
  await log.record({ type: 'auth.ok' });
  wall -= 120_000;
  await log.record({ type: 'auth.ok' });
  await log.close();
  const jumps = recordsOf(directory).filter(({ type }) => type === 'audit.clock_jump');
  expect(jumps.map(({ detail }) => (detail as { drift_ms: number }).drift_ms)).toEqual([60_000, -120_000]);
  const { status, library, tiny } = await verifyBoth(directory, [key]);
  expect(status).toBe('intact');
  expect(library.warnings.filter(({ code }) => code === 'clock_jump').length).toBeGreaterThanOrEqual(2);
  expect(library.warnings.map(({ message }) => message).join()).toMatch(/clock went back by 1\d{5} ms/);
  expect(tiny.remarks.join()).toMatch(/clock went back/);
});

test('time that passed between two runs is no jump, a clock set back in between is one', async () => {
  const directory = join(makeDirectory(), 'log');
  let wall = 1_795_000_000_000;
  const run = async (): Promise<void> => {
    const log = await openLog({ directory, now: () => wall, monotonicNow: () => 5 });
    await log.close();
  };
  await run();
  wall += 86_400_000;
  await run();
  expect(recordsOf(directory).filter(({ type }) => type === 'audit.clock_jump')).toHaveLength(0);
  expect((await verifyBoth(directory, [key])).library.warnings).toEqual([]);
  wall -= 7_200_000;
  await run();
  expect(recordsOf(directory).filter(({ type }) => type === 'audit.clock_jump')).toHaveLength(1);
  expect((await verifyBoth(directory, [key])).status).toBe('intact');
});
