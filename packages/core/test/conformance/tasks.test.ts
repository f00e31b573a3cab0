import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTaskMaker } from '../fixtures/servers/task-maker.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { runConformance } from './run.ts';

/** The scenarios of the Tasks extension, which no requirement set scores, and the checks that pass in each. */
const SCENARIOS = {
  'tasks-lifecycle': 9,
  'tasks-capability-negotiation': 5,
  'tasks-wire-fields': 4,
  'tasks-request-state-removal': 3,
  'tasks-mrtr-input': 4,
  'tasks-mrtr-composition': 2,
  'tasks-request-headers': 5,
  'tasks-dispatch-and-envelope': 9,
  'tasks-required-task-error': 3,
} as const;

/** Each scenario is a process of its own, and some wait for their tasks. */
const TIME_LIMIT_MS = 120_000;

describe('the Tasks extension in the official conformance suite', () => {
  let server: Awaited<ReturnType<typeof startTaskMaker>>;
  let gateway: TestGateway;
  beforeAll(async () => {
    server = await startTaskMaker();
    gateway = await startTestGateway({
      upstreams: [{ name: 'tasks', kind: 'http', url: server.url, transport: 'auto', headers: {} }],
      naming: 'none',
    });
  });
  afterAll(async () => {
    await gateway.close();
    await server.close();
  });

  test.for(Object.entries(SCENARIOS))('%s: %i checks', { timeout: TIME_LIMIT_MS }, async ([scenario, checks]) => {
    const scores = await runConformance({ url: gateway.url, requirements: '2026-07-28', scenario });
    const score = scores.get(scenario);
    expect(score?.failures).toEqual([]);
    expect(score?.passed).toBe(checks);
  });
});
