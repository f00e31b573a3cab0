import { expect, test } from 'vitest';
import type { AuditRecord } from '../src/event.ts';
import { AUDIT_EVENT_TYPES } from '../src/event-types.ts';
import { toCef } from '../src/formats/cef.ts';
import { toCloudEvent } from '../src/formats/cloud-events.ts';
import { toEcs } from '../src/formats/ecs.ts';
import { toOcsf } from '../src/formats/ocsf.ts';
import { outgoingRecord } from '../src/testing/sink-contract.ts';

const { record } = outgoingRecord(9, {
  type: 'mcp.tool.result',
  outcome: 'denied',
  sev: 'high',
  actor_ref: 'ref',
  target: { server: 's|x=1', method: 'tools/call', name: 'a\nb\\c' },
  authz: { effect: 'deny', rule: 'r=1', policy_hash: 'h' },
  res: { ms: 1.5, bytes: 7, code: 403 },
  ex: { id: 'x', phase: 'terminal' },
  trace: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
});
const ofType = (type: string): AuditRecord => outgoingRecord(1, { type }).record;

test('CEF: header and extension are escaped, one line', () => {
  const line = toCef(record);
  expect(line).not.toContain('\n');
  const [cef, vendor, , version, id, , severity] = line.split('|');
  expect([cef, vendor, version, id, severity]).toEqual(['CEF:0', 'Sekisho', '1', 'mcp.tool.result', '8']);
  expect(line).toContain('dhost=s|x\\=1');
  expect(line).toContain('fname=a\\nb\\\\c');
  expect(line).toContain('reason=r\\=1');
  expect(toCef(ofType('auth.ok'), '1|2\\3')).toContain('|1\\|2\\\\3|');
});

test('ECS: the fields a SIEM filters by', () => {
  expect(toEcs(record)).toMatchObject({
    '@timestamp': new Date(record.t).toISOString(),
    event: {
      action: 'mcp.tool.result',
      outcome: 'failure',
      category: ['api'],
      type: ['access', 'denied'],
      duration: 1_500_000,
      severity: 8,
      sequence: 9,
    },
    user: { hash: 'ref' },
    trace: { id: 'a'.repeat(32) },
    span: { id: 'b'.repeat(16) },
  });
  const allowed = new Set([
    'api',
    'authentication',
    'configuration',
    'database',
    'driver',
    'email',
    'file',
    'host',
    'iam',
    'intrusion_detection',
    'library',
    'malware',
    'network',
    'package',
    'process',
    'registry',
    'session',
    'threat',
    'vulnerability',
    'web',
  ]);
  for (const type of AUDIT_EVENT_TYPES) {
    const { event } = toEcs(ofType(type)) as { event: { category: string[] } };
    expect(
      event.category.every((one) => allowed.has(one)),
      type,
    ).toBe(true);
  }
});

test('OCSF: class by type, and the record_integrity profile ties the event to the chain', () => {
  const event = toOcsf(record, { authorityUid: 'key', chainUid: 'chain', lineSha256: 'f'.repeat(64) });
  expect(event).toMatchObject({
    class_uid: 6003,
    type_uid: 600_399,
    status: 'Failure',
    severity_id: 4,
    metadata: { uid: record.id, sequence: 9, profiles: ['record_integrity'] },
    attestation_list: [
      {
        chain_uid: 'chain',
        authority_uid: 'key',
        prev_event: { fingerprint: { algorithm: 'SHA-256', value: record.prev } },
        fingerprint: { value: 'f'.repeat(64) },
      },
    ],
  });
  const classOf = (type: string): unknown => toOcsf(ofType(type), { authorityUid: 'k', chainUid: 'c' }).class_uid;
  expect(
    [
      'auth.expired',
      'authz.denied',
      'role.assigned',
      'apikey.rotated',
      'security.anomaly',
      'config.changed',
      'mcp.list',
    ].map(classOf),
  ).toEqual([3002, 3003, 3005, 3005, 2004, 6002, 6003]);
  for (const type of AUDIT_EVENT_TYPES) {
    const one = toOcsf(ofType(type), { authorityUid: 'k', chainUid: 'c' }) as {
      type_uid: number;
      class_uid: number;
      activity_id: number;
    };
    expect(one.type_uid).toBe(one.class_uid * 100 + one.activity_id);
  }
});

test('CloudEvents: required attributes and types, trace only when it is a traceparent', () => {
  expect(toCloudEvent(record)).toMatchObject({
    specversion: '1.0',
    id: record.id,
    source: 'urn:sekisho:audit',
    type: 'dev.sekisho.audit.mcp.tool.result',
    subject: 'x',
    traceparent: record.trace,
    data: record,
  });
  expect(toCloudEvent({ ...record, trace: 'free text' })).not.toHaveProperty('traceparent');
});
