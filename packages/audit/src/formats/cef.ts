import type { AuditRecord } from '../event.ts';

const SEVERITY = { info: 2, notice: 3, warning: 6, high: 8, critical: 10 } as const;

/** Header fields escape backslash and bar; a line break would begin another event. */
function header(value: string): string {
  return value
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|');
}

/** Extension values escape backslash, equals sign and line breaks. */
function extension(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('=', '\\=').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

/** One record as a line in the Common Event Format, version 0, without a syslog header. */
export function toCef(record: AuditRecord, version = '1'): string {
  const { target, ex, res, authz } = record;
  const fields: [string, string | number | undefined][] = [
    ['rt', record.t],
    ['externalId', record.id],
    ['outcome', record.outcome],
    ['suid', record.actor_ref],
    ['act', target?.method],
    ['dhost', target?.server],
    ['fname', target?.name],
    ['reason', authz?.rule],
    ['in', res?.bytes],
    ['cs1', ex?.id],
    ['cs1Label', ex ? 'exchange' : undefined],
    ['cs2', record.src_ref],
    ['cs2Label', record.src_ref === undefined ? undefined : 'sourceRef'],
    ['cn1', record.seq],
    ['cn1Label', 'sequence'],
  ];
  const extensions = fields.flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${extension(String(value))}`],
  );
  const heading = [
    'CEF:0',
    'Sekisho',
    'sekisho',
    header(version),
    header(record.type),
    header(record.type),
    SEVERITY[record.sev ?? 'info'],
  ];
  return `${heading.join('|')}|${extensions.join(' ')}`;
}
