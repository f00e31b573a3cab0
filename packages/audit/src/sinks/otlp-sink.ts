import { AuditError } from '../audit-error.ts';
import type { AuditRecord } from '../event.ts';
import type { Severity } from '../event-types.ts';
import type { AuditSink } from './audit-sink.ts';

export interface OtlpSinkOptions {
  /** Default `otlp`. */
  name?: string;
  /** Full address, usually ending in `/v1/logs`. */
  url: string;
  fetch: typeof globalThis.fetch;
  /** For example an authorization header. */
  headers?: Readonly<Record<string, string>>;
  /** Resource attributes, such as `service.name`. */
  resource?: Readonly<Record<string, string>>;
}

/** OpenTelemetry severity numbers of the log data model. */
const SEVERITY_NUMBER: Record<Severity, number> = { info: 9, notice: 10, warning: 13, high: 17, critical: 21 };

type AnyValue = { stringValue: string } | { intValue: string } | { doubleValue: number } | { boolValue: boolean };

function anyValue(value: string | number | boolean): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Nested members as dotted attribute names; arrays as JSON. */
function attributes(value: object, prefix: string): { key: string; value: AnyValue }[] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const name = `${prefix}${key}`;
    if (typeof member === 'string' || typeof member === 'number' || typeof member === 'boolean')
      return [{ key: name, value: anyValue(member) }];
    if (Array.isArray(member)) return [{ key: name, value: anyValue(JSON.stringify(member)) }];
    return typeof member === 'object' && member !== null ? attributes(member, `${name}.`) : [];
  });
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** One record in the OTLP/JSON encoding of a log record. */
export function toOtlpLogRecord(record: AuditRecord, line: string): object {
  const nanos = `${record.t}000000`;
  const trace = record.trace === undefined ? undefined : TRACEPARENT.exec(record.trace);
  const { v: _v, t: _t, type, trace: _trace, note: _note, segment: _segment, ...rest } = record;
  return {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: SEVERITY_NUMBER[record.sev ?? 'info'],
    severityText: record.sev ?? 'info',
    eventName: type,
    body: { stringValue: line },
    attributes: attributes(rest, 'sekisho.audit.'),
    ...(trace ? { traceId: trace[1], spanId: trace[2] } : {}),
  };
}

/** Sends batches as OTLP logs over HTTP in the JSON encoding. The body of each log record is the line of the log. */
export function otlpSink(options: OtlpSinkOptions): AuditSink {
  const resource = { attributes: attributes(options.resource ?? { 'service.name': 'sekisho' }, '') };
  return {
    name: options.name ?? 'otlp',
    async send(batch, signal) {
      const logRecords = batch.map(({ record, line }) => toOtlpLogRecord(record, line));
      const body = JSON.stringify({
        resourceLogs: [{ resource, scopeLogs: [{ scope: { name: '@sekisho/audit' }, logRecords }] }],
      });
      const headers = { ...options.headers, 'content-type': 'application/json' };
      const response = await options.fetch(options.url, { method: 'POST', headers, body, signal, redirect: 'error' });
      const text = await response.text();
      if (!response.ok) throw new AuditError('ERR_AUDIT_SINK_FAILED', `The collector answered ${response.status}.`);
      const rejected =
        text === ''
          ? 0
          : Number(
              (JSON.parse(text) as { partialSuccess?: { rejectedLogRecords?: string } }).partialSuccess
                ?.rejectedLogRecords ?? 0,
            );
      // Partial success is not success: the batch comes again, the collector has to cope with repetitions anyway.
      if (rejected > 0) throw new AuditError('ERR_AUDIT_SINK_FAILED', `The collector rejected ${rejected} records.`);
    },
  };
}
