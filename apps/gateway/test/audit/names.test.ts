import type { ExchangeRecord, Outcome } from '@sekisho/core';
import { expect, test } from 'vitest';
import { addFacts } from '../../src/audit/facts.ts';
import { intentType, targetOf, terminalOutcome, terminalType } from '../../src/audit/names.ts';

const exchange = (more: Partial<ExchangeRecord>): ExchangeRecord => ({
  credentials: {
    transport: 'http',
    method: 'POST',
    path: '/mcp',
    url: '/mcp',
    header: () => undefined,
    headers: () => undefined,
    peerCertificate: undefined,
    remoteAddress: undefined,
    body: undefined,
  },
  startedMs: 0,
  principal: undefined,
  target: undefined,
  era: undefined,
  method: 'tools/call',
  idText: undefined,
  requestBytes: undefined,
  arguments: undefined,
  trace: undefined,
  facts: undefined,
  ...more,
});
const refused = (reason: string, event?: string): Outcome => ({
  result: 'refused',
  reason,
  durationMs: 1,
  ...(event === undefined ? {} : { event }),
});

test.each([
  [refused('forbidden'), 'authz.denied', 'denied'],
  [refused('denied'), 'authz.denied', 'denied'],
  [refused('limited'), 'limit.exceeded', 'denied'],
  [refused('overloaded'), 'limit.concurrency_shed', 'denied'],
  [refused('content'), 'content.blocked', 'denied'],
  [refused('forbidden-origin'), 'security.origin_blocked', 'denied'],
  [refused('unauthenticated', 'auth.expired'), 'auth.expired', 'denied'],
  [refused('unauthenticated', 'made.up'), 'auth.missing', 'denied'],
  [refused('not-json'), 'mcp.protocol_error', 'denied'],
  [refused('unknown-target'), 'mcp.tool.result', 'error'],
  [{ result: 'failed', reason: 'internal', durationMs: 1 }, 'gateway.failed', 'error'],
  [{ result: 'cancelled', durationMs: 1 }, 'mcp.cancelled', 'cancelled'],
  [{ result: 'answered', durationMs: 1 }, 'mcp.tool.result', 'ok'],
] as const)('%o is %s, %s', (outcome, type, ended) => {
  expect(terminalType(exchange({}), outcome)).toBe(type);
  expect(terminalOutcome(exchange({}), outcome)).toBe(ended);
});

test('every method has a name of its own; a stream that its client closes has ended well', () => {
  const answered = { result: 'answered', durationMs: 1 } as const;
  const named = (method: string): string => terminalType(exchange({ method }), answered);
  expect(['tasks/get', 'tasks/result', 'notifications/x', 'ping'].map(named)).toEqual([
    'mcp.task.updated',
    'mcp.task.completed',
    'mcp.notification',
    'mcp.ping',
  ]);
  expect(intentType(exchange({}))).toBe('mcp.tool.call');
  const { credentials } = exchange({});
  const stream = exchange({ method: undefined, credentials: { ...credentials, method: 'GET' } });
  expect(terminalOutcome(stream, { result: 'disconnected', durationMs: 1 })).toBe('ok');
});

test('what a client wrote is named only where it can be no more than a name', () => {
  const target = { method: 'x', kind: 'tool', server: 'notes', name: 'ada@example.com has a secret' } as const;
  expect(targetOf(exchange({ method: 'Write to Ada', target }))).toEqual({ server: 'notes', method: 'other' });
  const resource = { ...target, kind: 'resource', name: 'file:///home/ada/notes.md' } as const;
  expect(targetOf(exchange({ target: resource }))).toEqual({
    server: 'notes',
    method: 'tools/call',
    uri: 'file:///home/ada/notes.md',
  });
});

test('rules and limits stand in their members, everything else in detail, and no free text', () => {
  const event = { type: 'authz.denied' } as Parameters<typeof addFacts>[0];
  const facts = { 'authz.rule': 'r1', 'authz.policy': 'abc', 'limit.bucket': 'day', 'pii.masked': 2 };
  addFacts(event, facts, { ...refused('forbidden'), detail: 'ada may not' } as Outcome);
  expect(event).toMatchObject({
    authz: { effect: 'deny', rule: 'r1', policyHash: 'abc' },
    limit: { bucket: 'day' },
    detail: { 'pii.masked': 2, reason: 'forbidden' },
  });
  expect(JSON.stringify(event)).not.toContain('ada');
});
