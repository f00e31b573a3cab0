import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditEvent } from '../event.ts';
import { createUuidV7 } from '../uuid.ts';
import { randomFillSync } from 'node:crypto';
import { formatHead } from './record-head.ts';
import { formatTail, MAX_LINE_BYTES, parseHead, parseTail } from './record-tail.ts';

const fields = {
  t: 1_795_000_000_000,
  id: 'id',
  stream: 'mcp',
  n: 3,
  actorRef: undefined,
  sourceRef: undefined,
  blob: undefined,
};
const mac = (content: string | Uint8Array): string => `mac-of-${content.length}`;
const lineOf = (event: AuditEvent): string =>
  formatHead(event, fields, mac) + formatTail(17, 'a'.repeat(64)).slice(0, -1);

test('a full record is the JSON one expects', () => {
  const line = lineOf({
    type: 'mcp.tool.result',
    outcome: 'ok',
    target: { server: 's', method: 'tools/call', name: 'n', uri: 'FILE:///home/alice', era: '2026-07-28' },
    authz: { effect: 'allow', rule: 'r', policyHash: 'h' },
    request: { id: 7, args: 'secret' },
    response: { isError: false, code: -32_000, durationMs: 1.5, result: new Uint8Array(10) },
    limit: { bucket: 'b', cost: 1, remaining: 2, retryAfterMs: 3 },
    trace: 'trace',
    exchange: { id: 'x', phase: 'terminal' },
    detail: { a: 1, b: 'two', c: true, d: null },
  });
  expect(JSON.parse(line)).toEqual({
    v: 1,
    t: fields.t,
    type: 'mcp.tool.result',
    id: 'id',
    outcome: 'ok',
    sev: 'info',
    target: {
      server: 's',
      method: 'tools/call',
      name: 'n',
      uri_scheme: 'file',
      uri_mac: 'mac-of-18',
      era: '2026-07-28',
    },
    authz: { effect: 'allow', rule: 'r', policy_hash: 'h' },
    req: { id: 7, args_mac: 'mac-of-6', bytes: 6 },
    res: { is_error: false, code: -32_000, result_mac: 'mac-of-10', bytes: 10, ms: 1.5 },
    limit: { bucket: 'b', cost: 1, remaining: 2, retry_after_ms: 3 },
    trace: 'trace',
    ex: { id: 'x', phase: 'terminal' },
    detail: { a: 1, b: 'two', c: true, d: null },
    stream: 'mcp',
    n: 3,
    seq: 17,
    prev: 'a'.repeat(64),
  });
  expect(line).not.toContain('secret');
  expect(line).not.toContain('alice');
});

test('whatever strings come in, the line is one line of JSON within the limit, and its ends are readable', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3000 }),
    fc.constantFrom('"},"seq":0,"prev":"', '\u0000'.repeat(5000), '\n{"v":1', '\uD800'),
  );
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.dictionary(text, fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)), { maxKeys: 80 }),
      (a, b, c, detail) => {
        const line = lineOf({
          type: 'mcp.tool.call',
          target: { server: a, method: b, name: c, era: a, uri: b },
          authz: { effect: 'deny', rule: a, policyHash: b },
          request: { id: c },
          response: { code: a },
          limit: { bucket: b },
          trace: c,
          detail,
        });
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LINE_BYTES);
        expect(line).not.toContain('\n');
        expect(JSON.parse(line)).toMatchObject({ v: 1, seq: 17, n: 3 });
        expect(parseTail(Buffer.from(line))).toEqual({ stream: 'mcp', n: 3, seq: 17, prev: 'a'.repeat(64) });
        expect(parseHead(Buffer.from(line))).toEqual({ t: fields.t, type: 'mcp.tool.call' });
      },
    ),
    { numRuns: 200 },
  );
});

test('a request id that could name somebody is hashed, a plain one stays', () => {
  const idOf = (id: string | number): unknown =>
    (JSON.parse(lineOf({ type: 'mcp.list', request: { id } })) as { req: unknown }).req;
  expect(idOf(12)).toEqual({ id: 12 });
  expect(idOf('req-7_a')).toEqual({ id: 'req-7_a' });
  expect(idOf('alice@example.com')).toEqual({ id_mac: 'mac-of-17' });
});

test('detail that does not fit is left out and said so', () => {
  const detail = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, 'v'.repeat(1000)]));
  const record = JSON.parse(lineOf({ type: 'mcp.list', detail })) as { detail: Record<string, unknown> };
  expect(record.detail.entries_left_out).toBeGreaterThan(36);
});

test('identifiers are UUID version 7, distinct, and ordered by millisecond', () => {
  const uuid = createUuidV7((bytes) => void randomFillSync(bytes));
  const ids = Array.from({ length: 5000 }, (_, i) => uuid(1_795_000_000_000 + i));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
