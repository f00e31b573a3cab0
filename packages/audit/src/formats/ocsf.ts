import type { AuditRecord } from '../event.ts';
import { matchesType } from '../report/soc2-criteria.ts';

interface OcsfClass {
  types: readonly string[];
  class_uid: number;
  class_name: string;
  category_uid: number;
  category_name: string;
  activity_id: number;
}

const IAM = { category_uid: 3, category_name: 'Identity & Access Management' };
const APPLICATION = { category_uid: 6, category_name: 'Application Activity' };

/** First match counts. Activity 99 is "Other", named by `activity_name`. */
const CLASSES: readonly OcsfClass[] = [
  {
    types: ['auth.*', 'session.*', 'admin.login'],
    class_uid: 3002,
    class_name: 'Authentication',
    ...IAM,
    activity_id: 1,
  },
  { types: ['authz.*'], class_uid: 3003, class_name: 'Authorize Session', ...IAM, activity_id: 99 },
  {
    types: ['role.assigned', 'apikey.created', 'vault.granted'],
    class_uid: 3005,
    class_name: 'User Access Management',
    ...IAM,
    activity_id: 1,
  },
  {
    types: ['role.*', 'apikey.*', 'vault.*'],
    class_uid: 3005,
    class_name: 'User Access Management',
    ...IAM,
    activity_id: 2,
  },
  {
    types: ['security.*', 'content.injection_suspected'],
    class_uid: 2004,
    class_name: 'Detection Finding',
    category_uid: 2,
    category_name: 'Findings',
    activity_id: 1,
  },
  {
    types: ['gateway.*', 'audit.*', 'config.*', 'policy.*'],
    class_uid: 6002,
    class_name: 'Application Lifecycle',
    ...APPLICATION,
    activity_id: 99,
  },
  { types: [], class_uid: 6003, class_name: 'API Activity', ...APPLICATION, activity_id: 99 },
];

const SEVERITY = {
  info: [1, 'Informational'],
  notice: [2, 'Low'],
  warning: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
} as const;

function statusOf(record: AuditRecord): [number, string] {
  if (record.outcome === 'ok') return [1, 'Success'];
  return record.outcome === 'denied' || record.outcome === 'error' ? [2, 'Failure'] : [0, 'Unknown'];
}

export interface OcsfOptions {
  /** Verifier key or name of who signs the log. */
  authorityUid: string;
  chainUid: string;
  /** Default `1.9.0-dev`: the version with the record_integrity profile. */
  schemaVersion?: string;
  /** SHA-256 of the record's own line, hex; stated as its fingerprint when given. */
  lineSha256?: string;
}

/** One record as an OCSF event; API Activity unless another class fits. Uses the profile `record_integrity`. */
export function toOcsf(record: AuditRecord, options: OcsfOptions): Record<string, unknown> {
  const chosen = CLASSES.find(({ types }) => matchesType(record.type, types)) ?? CLASSES.at(-1)!;
  const { types: _types, ...ocsfClass } = chosen;
  const [severityId, severity] = SEVERITY[record.sev ?? 'info'];
  const [statusId, status] = statusOf(record);
  const fingerprint = (value: string): object => ({ algorithm: 'SHA-256', algorithm_id: 3, value });
  const { target, req, res, authz } = record;
  return {
    ...ocsfClass,
    activity_name: record.type,
    type_uid: ocsfClass.class_uid * 100 + ocsfClass.activity_id,
    time: record.t,
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    metadata: {
      version: options.schemaVersion ?? '1.9.0-dev',
      uid: record.id,
      sequence: record.seq,
      profiles: ['record_integrity'],
      product: { name: 'Sekisho', vendor_name: 'Sekisho', feature: { name: 'audit' } },
      ...(record.trace === undefined ? {} : { correlation_uid: record.trace }),
    },
    actor: { user: { uid: record.actor_ref ?? 'unknown', type_id: record.actor_ref === undefined ? 0 : 1 } },
    user: { uid: record.actor_ref ?? 'unknown' },
    src_endpoint: { uid: record.src_ref ?? record.actor_ref ?? 'unknown' },
    api: {
      operation: target?.method ?? record.type,
      ...(target?.server === undefined ? {} : { service: { name: target.server } }),
      ...(req?.id === undefined ? {} : { request: { uid: String(req.id) } }),
      ...(res === undefined
        ? {}
        : {
            response: {
              ...(typeof res.code === 'number' ? { code: res.code } : {}),
              error: res.is_error === true ? 'error' : undefined,
            },
          }),
    },
    ...(target?.name === undefined ? {} : { resources: [{ name: target.name, type: 'mcp' }] }),
    ...(authz?.rule === undefined
      ? {}
      : { policy: { name: authz.rule, ...(authz.policy_hash === undefined ? {} : { uid: authz.policy_hash }) } }),
    ...(chosen.class_uid === 2004 ? { finding_info: { uid: record.id, title: record.type } } : {}),
    attestation_list: [
      {
        uid: record.id,
        authority_uid: options.authorityUid,
        chain_uid: options.chainUid,
        prev_event: { fingerprint: fingerprint(record.prev) },
        ...(options.lineSha256 === undefined ? {} : { fingerprint: fingerprint(options.lineSha256) }),
      },
    ],
    unmapped: record,
  };
}
