import type { AuditRecord } from '../event.ts';

/** CloudEvents 1.0 in the JSON format. The subject is the exchange, the data the record. */
export function toCloudEvent(record: AuditRecord, source = 'urn:sekisho:audit'): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: record.id,
    source,
    type: `dev.sekisho.audit.${record.type}`,
    time: new Date(record.t).toISOString(),
    datacontenttype: 'application/json',
    ...(record.ex ? { subject: record.ex.id } : {}),
    ...(record.trace !== undefined && /^[0-9a-f]{2}-/.test(record.trace) ? { traceparent: record.trace } : {}),
    data: record,
  };
}
