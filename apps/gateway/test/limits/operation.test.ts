import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeLimits } from '../../src/mount/limits-view.ts';
import { rateLimitSection } from '../../src/mount/rate-limit-section.ts';
import { loadObject } from '../config/load-fixture.ts';
import { clientOf, ONCE, rules } from './client.ts';
import { openLimitsHouse, type LimitsHouse } from './house.ts';

async function open(...given: Parameters<typeof openLimitsHouse>): Promise<LimitsHouse> {
  const house = await openLimitsHouse(...given);
  onTestFinished(() => house.close().catch(() => undefined));
  return house;
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'sekisho-limits-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

describe('budgets', () => {
  const daily = rules({ name: 'daily', by: ['principal'], allow: { kind: 'day', amount: 2 } });

  test('survive a restart', async () => {
    const stateFolder = await folder();
    const before = await openLimitsHouse(daily, { stateFolder });
    expect((await clientOf(before, 'ada').call('echo')).status).toBe(200);
    await before.close();
    const after = await open(daily, { stateFolder });
    expect((await clientOf(after, 'ada').call('echo')).status).toBe(200);
    expect((await clientOf(after, 'ada').call('echo')).status).toBe(429);
    expect(after.events).toMatchObject([
      { type: 'limit.budget_exhausted', rule: 'daily', subject: { principal: 'ada', method: 'tools/call' } },
    ]);
  });

  test('are kept by one process, in a file for its owner alone', async () => {
    const stateFolder = await folder();
    await open(daily, { stateFolder });
    const file = join(stateFolder, 'budgets.sqlite');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(openLimitsHouse(daily, { stateFolder })).rejects.toThrow(/kept by another Sekisho.*state folder/);
  });

  test('that cannot be read stop the start', async () => {
    const stateFolder = await folder();
    await writeFile(join(stateFolder, 'budgets.sqlite'), 'this is no database, whatever its name says it is');
    await expect(openLimitsHouse(daily, { stateFolder })).rejects.toThrow(/cannot be read/);
  });

  test('leave no file where no rule needs it', async () => {
    const stateFolder = await folder();
    await open(rules({ name: 'once', by: ['principal'], allow: ONCE }), { stateFolder });
    expect(existsSync(join(stateFolder, 'budgets.sqlite'))).toBe(false);
  });
});

describe('a section', () => {
  const problems = (section: object): string[] =>
    rateLimitSection.safeParse(section).error?.issues.map(({ message }) => message) ?? [];

  test('R-42: must say what happens when the store fails', () => {
    const { onStoreFailure: _, ...silent } = rules({ name: 'once', by: [], allow: ONCE }) as Record<string, unknown>;
    expect(problems(silent)).toEqual([expect.stringContaining('does not say what happens when the store fails')]);
    expect(problems({ ...silent, onStoreFailure: 'local' })).toEqual([]);
    expect(problems(rules({ name: 'once', by: [], allow: ONCE, whenStoreFails: 'local' }))).toEqual([]);
  });

  test.each([
    ['two rules of one name', rules({ name: 'a', by: [], allow: ONCE }, { name: 'a', by: [], allow: ONCE })],
    ['a misspelt key', { limts: {} }],
    ['a misspelt key in a rule', rules({ name: 'a', by: [], allow: ONCE, tolls: 1 })],
    ['a dimension that does not exist', rules({ name: 'a', by: ['colour'], allow: ONCE })],
    ['a cost that never fits', rules({ name: 'a', by: [], allow: ONCE, cost: 2 })],
    ['an adaptive limit upside down', { concurrency: { rules: [{ name: 'g', by: [], limit: { min: 5, max: 2 } }] } }],
    ['two streams of one name', { streams: { rules: [1, 2].map((limit) => ({ name: 's', by: [], limit })) } }],
    ['a store that is no Redis', { store: { redis: { url: 'http://x', replicas: 1 } } }],
    ['Redis without the number of gateways', { store: { redis: { url: 'redis://x' } } }],
  ])('%s is refused before the start', (_name, section) => {
    expect(problems(section)).not.toEqual([]);
  });
});

describe('while it runs', () => {
  test('changed rules are in force at once, unchanged ones keep their counts', async () => {
    const once = { name: 'once', by: ['principal'], allow: ONCE };
    const house = await open(rules(once));
    const ada = clientOf(house, 'ada');
    expect((await ada.call('echo')).status).toBe(200);
    const toSection = (section: object) => rateLimitSection.parse(section);
    expect(house.limits.reload(toSection(rules(once)))).toEqual([]);
    expect((await ada.call('echo')).status).toBe(429);
    // A rule that is added does not forgive what an old one counted.
    expect(house.limits.reload(toSection(rules(once, { name: 'all', by: [], allow: { ...ONCE, burst: 9 } })))).toEqual(
      [],
    );
    expect((await ada.call('echo')).status).toBe(429);
    expect(house.limits.reload(undefined)).toEqual([]);
    expect((await ada.call('echo')).status).toBe(200);
  });

  test('another store, and the first budget, wait for a restart', async () => {
    const once = { name: 'once', by: ['principal'], allow: ONCE };
    const house = await open(rules(once));
    const toSection = (section: object) => rateLimitSection.parse(section);
    const store = { redis: { url: 'redis://127.0.0.1:1', replicas: 2 } };
    expect(house.limits.reload(toSection({ ...rules(once), store }))).toEqual(['rateLimit.store']);
    const budget = rules({ name: 'daily', by: [], allow: { kind: 'day', amount: 1 } });
    expect(house.limits.reload(toSection(budget))).toEqual(['rateLimit.limits']);
    const ada = clientOf(house, 'ada');
    await ada.call('echo');
    expect((await ada.call('echo')).status).toBe(429);
  });

  test('a flood of refusals is a few events, and every one is counted', async () => {
    let nowMs = 1_800_000_000_000;
    const house = await open(rules({ name: 'once', by: ['principal'], allow: ONCE }), { now: () => nowMs });
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 20; i++) await ada.call('echo');
    await clientOf(house, 'ben').call('echo');
    await clientOf(house, 'ben').call('echo');
    expect(house.events.map((event) => 'swallowed' in event && event.swallowed)).toEqual([0, 0]);
    nowMs += 1000;
    await ada.call('echo');
    expect(house.events.at(-1)).toMatchObject({ type: 'limit.exceeded', swallowed: 18, subject: { principal: 'ada' } });
    expect(house.limits.status().refused['limit.exceeded']).toBe(21);
  });

  test('a limit that is nearly used up is told once, before it refuses anybody', async () => {
    const house = await open(rules({ name: 'ten', by: ['principal'], allow: { ...ONCE, burst: 10 } }));
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 10; i++) await ada.call('echo');
    expect(house.events).toMatchObject([{ type: 'limit.near', rule: 'ten', limit: 10 }]);
  });

  test('a rule that only watches refuses nobody', async () => {
    const house = await open(rules({ name: 'watch', by: ['principal'], allow: ONCE, mode: 'shadow' }));
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 3; i++) expect((await ada.call('echo')).status).toBe(200);
    expect(house.events).toMatchObject([{ type: 'limit.shadow_exceeded', rule: 'watch' }]);
  });

  test('the status tells the limits in force, and no caller', async () => {
    const house = await open({
      ...rules({ name: 'mine', by: ['principal'], allow: { kind: 'rate', amount: 60, periodMs: 60_000, burst: 10 } }),
      concurrency: { rules: [{ name: 'gate', by: ['server'], limit: 4 }] },
    });
    await clientOf(house, 'ada').call('echo');
    const status = house.limits.status();
    expect(JSON.stringify(status)).not.toContain('ada');
    expect(describeLimits(status)).toEqual([
      'limits: 1 rule, counted in memory; 0 refusals since the start',
      '  mine: 60 requests in 60 s, 10 at once, for each principal',
      '  gate: 0 of 0 calls under way at 0 gates, 0 waiting',
      '  streams-per-principal: 0 open, at most 256 each',
      '  streams-per-address: 0 open, at most 1024 each',
    ]);
  });
});

test('the example in the documentation is a section that works', async () => {
  const page = await readFile(new URL('../../docs/limits.md', import.meta.url), 'utf8');
  const example = /```jsonc\n(?<text>[\s\S]*?)```/.exec(page)!.groups!['text']!;
  const config = await loadObject(parse(example.replace('${secret:limits-redis}', 'redis://127.0.0.1:6379')) as object);
  expect(config.problems).toEqual([]);
  expect(config.settings.rateLimit?.limits?.rules).toHaveLength(3);
});
