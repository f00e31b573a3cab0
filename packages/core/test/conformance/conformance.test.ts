import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startConformanceHttp, type ConformanceHttp } from '../fixtures/servers/conformance/http.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { compareScores, type ExpectedFailures } from './compare.ts';
import { runConformance, type Requirements, type Scores } from './run.ts';

/** The suite spends most of its time waiting, so a run of its own for every cell costs little; two vCPU bear all. */
const TIME_LIMIT_MS = 120_000;

const cells = [
  { upstream: 'modern', requirements: '2026-07-28', sameEra: true },
  { upstream: 'legacy', requirements: '2025-11-25', sameEra: true },
  { upstream: 'modern', requirements: '2025-11-25', sameEra: false },
  { upstream: 'legacy', requirements: '2026-07-28', sameEra: false },
] as const;

const scored: Record<Requirements, { scenarios: number; checks: number }> = {
  '2026-07-28': { scenarios: 50, checks: 164 },
  '2025-11-25': { scenarios: 33, checks: 84 },
};

const expectedFailures = (profile: string): ExpectedFailures =>
  JSON.parse(readFileSync(new URL(`expected-failures/${profile}.json`, import.meta.url), 'utf8')) as ExpectedFailures;

describe('the official conformance suite', () => {
  const upstreams = new Map<string, ConformanceHttp>();
  const gateways: TestGateway[] = [];
  let direct: Map<Requirements, Promise<Scores>>;

  beforeAll(async () => {
    for (const era of ['modern', 'legacy'] as const) upstreams.set(era, await startConformanceHttp({ era }));
    const scoresOf = (era: string, requirements: Requirements): Promise<Scores> =>
      runConformance({ url: upstreams.get(era)!.url, requirements });
    direct = new Map([
      ['2026-07-28', scoresOf('modern', '2026-07-28')],
      ['2025-11-25', scoresOf('legacy', '2025-11-25')],
    ]);
    // The tests below await them; until then a failure must not count as unhandled.
    for (const scores of direct.values()) scores.catch(() => undefined);
  });

  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
  });

  describe.for(['2026-07-28', '2025-11-25'] as const)('direct, %s', (requirements) => {
    test('every scenario of the fixture passes but the Tasks extension', { timeout: TIME_LIMIT_MS }, async () => {
      const scores = await direct.get(requirements)!;
      const wrong = [...scores].filter(([name, { failed }]) => failed > 0 && !name.startsWith('tasks-'));
      expect(wrong).toEqual([]);
      expect(scores.size).toBe(scored[requirements].scenarios);
      expect([...scores.values()].reduce((sum, { passed }) => sum + passed, 0)).toBe(scored[requirements].checks);
    });
  });

  test.concurrent.for(cells)(
    'through the gateway, $requirements client, $upstream upstream',
    { timeout: TIME_LIMIT_MS },
    async ({ upstream, requirements, sameEra }, { expect }) => {
      const gateway = await startTestGateway({
        upstreams: [
          { name: 'fixture', kind: 'http', url: upstreams.get(upstream)!.url, transport: 'auto', headers: {} },
        ],
        naming: 'none',
      });
      gateways.push(gateway);
      const expected = sameEra ? {} : expectedFailures(`${requirements}-client-${upstream}-upstream`);
      const scores = await runConformance({ url: gateway.url, requirements });
      expect(compareScores(await direct.get(requirements)!, scores, expected)).toEqual({ unexpected: [], stale: [] });
    },
  );
});
