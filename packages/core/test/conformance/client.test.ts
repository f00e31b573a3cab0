import { describe, expect, test } from 'vitest';
import { runClientConformance } from './run.ts';

/** The client scenarios that are no matter of authorization, with the checks that pass in each. */
const SCENARIOS = {
  '2026-07-28': {
    tools_call: 2,
    // Three more are skipped: the suite's server offers nothing to call, and the gateway declares nothing for itself.
    'request-metadata': 5,
    'sep-2322-client-request-state': 5,
    'http-standard-headers': 10,
    'http-custom-headers': 18,
    'http-invalid-tool-headers': 12,
    'json-schema-ref-no-deref': 1,
    'json-schema-2020-12-preservation': 9,
  },
  '2025-11-25': {
    initialize: 1,
    tools_call: 2,
    'elicitation-sep1034-client-defaults': 5,
    'sse-retry': 3,
    'json-schema-2020-12-preservation': 9,
  },
} as const;

const TIME_LIMIT_MS = 120_000;

describe.for(Object.entries(SCENARIOS))(
  'the gateway as a client of the official suite, %s',
  ([revision, scenarios]) => {
    test.for(Object.entries(scenarios))('%s: %i checks', { timeout: TIME_LIMIT_MS }, async ([scenario, checks]) => {
      const score = await runClientConformance({ scenario, requirements: revision as keyof typeof SCENARIOS });
      expect(score?.failures).toEqual([]);
      expect(score?.passed).toBe(checks);
    });
  },
);
