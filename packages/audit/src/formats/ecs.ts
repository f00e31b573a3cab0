import type { AuditRecord } from '../event.ts';
import { matchesType } from '../report/soc2-criteria.ts';

/** Elastic Common Schema: allowed values of event.category and event.type. */
const CATEGORIES: readonly { types: readonly string[]; category: string[]; type: string[] }[] = [
  { types: ['auth.*', 'session.*', 'admin.login'], category: ['authentication'], type: ['start'] },
  { types: ['authz.*', 'role.*'], category: ['iam'], type: ['access'] },
  { types: ['apikey.created', 'role.assigned'], category: ['iam'], type: ['creation'] },
  { types: ['apikey.*', 'vault.*', 'secret.*'], category: ['iam'], type: ['change'] },
  { types: ['config.*', 'policy.*', 'upstream.*'], category: ['configuration'], type: ['change'] },
  { types: ['security.*', 'content.*', 'limit.*'], category: ['intrusion_detection'], type: ['info'] },
  { types: ['gateway.*', 'audit.*'], category: ['process'], type: ['info'] },
  { types: ['mcp.*'], category: ['api'], type: ['access'] },
];

const SEVERITY = { info: 1, notice: 3, warning: 5, high: 8, critical: 10 } as const;

function outcomeOf(record: AuditRecord): 'success' | 'failure' | 'unknown' {
  if (record.outcome === 'ok') return 'success';
  return record.outcome === 'denied' || record.outcome === 'error' ? 'failure' : 'unknown';
}

/** One record as an Elastic Common Schema 8 document. */
export function toEcs(record: AuditRecord): Record<string, unknown> {
  const match = CATEGORIES.find(({ types }) => matchesType(record.type, types));
  const denied = record.outcome === 'denied' ? ['denied'] : [];
  const trace = record.trace?.split('-');
  return {
    '@timestamp': new Date(record.t).toISOString(),
    ecs: { version: '8.17.0' },
    event: {
      id: record.id,
      kind: matchesType(record.type, ['security.anomaly', 'content.injection_suspected']) ? 'alert' : 'event',
      category: match?.category ?? ['process'],
      type: [...(match?.type ?? ['info']), ...denied],
      action: record.type,
      outcome: outcomeOf(record),
      severity: SEVERITY[record.sev ?? 'info'],
      sequence: record.seq,
      dataset: 'sekisho.audit',
      module: 'sekisho',
      provider: 'sekisho',
      ...(record.res?.ms === undefined ? {} : { duration: Math.round(record.res.ms * 1_000_000) }),
    },
    ...(record.actor_ref === undefined ? {} : { user: { hash: record.actor_ref } }),
    ...(record.target?.server === undefined ? {} : { service: { target: { name: record.target.server } } }),
    ...(trace?.length === 4 ? { trace: { id: trace[1] }, span: { id: trace[2] } } : {}),
    ...(record.authz?.rule === undefined ? {} : { rule: { name: record.authz.rule } }),
    sekisho: { audit: record },
  };
}
