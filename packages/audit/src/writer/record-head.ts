import type { AuditEvent } from '../event.ts';
import { defaultSeverity } from '../event-types.ts';

/** Keyed hash of content that is not stored: hex of HMAC-SHA-256 under the subject's key, or the log's without a subject. */
export type Mac = (content: string | Uint8Array) => string;

export interface HeadFields {
  t: number;
  id: string;
  stream: string;
  n: number;
  actorRef: string | undefined;
  sourceRef: string | undefined;
  blob: { sha256: string; bytes: number } | undefined;
}

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const PLAIN_ID = /^[A-Za-z0-9_-]{1,40}$/;
const MAX_NAME = 256;
const MAX_TEXT = 1024;
const MAX_DETAIL_KEY = 64;
const MAX_DETAIL_ENTRIES = 64;
/** At most three bytes each: together with the other members, all of which are cut, a line stays within its limit. */
const MAX_DETAIL_UNITS = 16_384;

function text(value: string, max: number): string {
  const cut = value.length > max ? `${value.slice(0, max - 1)}\u2026` : value;
  return cut.length < 200 && PLAIN.test(cut) ? `"${cut}"` : JSON.stringify(cut);
}

function num(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

/** A member with text; keys are ours and need no escaping. */
function member(key: string, value: string | undefined, max = MAX_NAME): string {
  return value === undefined ? '' : `,"${key}":${text(value, max)}`;
}

function numberMember(key: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${key}":${num(value)}`;
}

/** An object of members, each of which begins with a comma. */
function object(members: string): string {
  return `{${members.slice(1)}}`;
}

function sizeOf(content: string | Uint8Array): number {
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length;
}

function target(value: NonNullable<AuditEvent['target']>, mac: Mac): string {
  let json = member('server', value.server) + member('method', value.method) + member('name', value.name);
  if (value.uri !== undefined) {
    const scheme = /^([a-z][a-z0-9+.-]{0,31}):/i.exec(value.uri)?.[1];
    json += member('uri_scheme', scheme?.toLowerCase()) + member('uri_mac', mac(value.uri));
  }
  return object(json + member('era', value.era, 32));
}

function request(value: NonNullable<AuditEvent['request']>, mac: Mac): string {
  let json = '';
  if (typeof value.id === 'number') json = numberMember('id', value.id);
  else if (value.id !== undefined)
    json = PLAIN_ID.test(value.id) ? member('id', value.id) : member('id_mac', mac(value.id));
  if (value.args !== undefined) json += member('args_mac', mac(value.args));
  return object(
    json + numberMember('bytes', value.bytes ?? (value.args === undefined ? undefined : sizeOf(value.args))),
  );
}

function response(value: NonNullable<AuditEvent['response']>, mac: Mac): string {
  let json = value.isError === undefined ? '' : `,"is_error":${value.isError}`;
  json += typeof value.code === 'number' ? numberMember('code', value.code) : member('code', value.code, 64);
  if (value.result !== undefined) json += member('result_mac', mac(value.result));
  const bytes = value.bytes ?? (value.result === undefined ? undefined : sizeOf(value.result));
  return object(json + numberMember('bytes', bytes) + numberMember('ms', value.durationMs));
}

/** Never fails on size: what does not fit is left out and said so, because a lost terminal record is worse. */
export function detailJson(detail: NonNullable<AuditEvent['detail']>): string {
  let json = '';
  let entries = 0;
  let left = 0;
  for (const [key, value] of Object.entries(detail)) {
    if (value === undefined) continue;
    const simple =
      typeof value === 'number' ? num(value) : typeof value === 'string' ? text(value, MAX_TEXT) : String(value);
    const member = `,${text(key, MAX_DETAIL_KEY)}:${simple}`;
    if (entries >= MAX_DETAIL_ENTRIES || json.length + member.length > MAX_DETAIL_UNITS) left += 1;
    else json += member;
    entries += 1;
  }
  if (left > 0) json += `,"entries_left_out":${left}`;
  return `{${json.slice(1)}}`;
}

/**
 * Everything of a line but its place in the chain. Built by hand: `JSON.stringify` of the whole record takes longer than
 * both hashes and the write together.
 */
export function formatHead(event: AuditEvent, fields: HeadFields, mac: Mac): string {
  let json = `{"v":1,"t":${fields.t},"type":"${event.type}","id":"${fields.id}"`;
  if (event.outcome !== undefined) json += `,"outcome":"${event.outcome}"`;
  json += `,"sev":"${event.severity ?? defaultSeverity(event.type, event.outcome)}"`;
  if (fields.actorRef !== undefined) json += `,"actor_ref":"${fields.actorRef}"`;
  if (fields.sourceRef !== undefined) json += `,"src_ref":"${fields.sourceRef}"`;
  if (event.target) json += `,"target":${target(event.target, mac)}`;
  if (event.authz) {
    const { effect, rule, policyHash } = event.authz;
    json += `,"authz":${object(member('effect', effect) + member('rule', rule) + member('policy_hash', policyHash))}`;
  }
  if (event.request) json += `,"req":${request(event.request, mac)}`;
  if (event.response) json += `,"res":${response(event.response, mac)}`;
  if (event.limit) {
    const { bucket, cost, remaining, retryAfterMs } = event.limit;
    const members = member('bucket', bucket) + numberMember('cost', cost) + numberMember('remaining', remaining);
    json += `,"limit":${object(members + numberMember('retry_after_ms', retryAfterMs))}`;
  }
  if (event.trace !== undefined) json += `,"trace":${text(event.trace, 128)}`;
  if (event.exchange) json += `,"ex":{"id":"${event.exchange.id}","phase":"${event.exchange.phase}"}`;
  if (event.detail) json += `,"detail":${detailJson(event.detail)}`;
  if (fields.blob) json += `,"blob":{"sha256":"${fields.blob.sha256}","bytes":${fields.blob.bytes}}`;
  return `${json},"stream":"${fields.stream}","n":${fields.n}`;
}

/** A line the log writes about itself; `members` is JSON such as `,"note":"..."`. */
export function formatSelfHead(t: number, type: string, id: string, members: string): string {
  return `{"v":1,"t":${t},"type":"${type}","id":"${id}"${members},"stream":"log","n":0`;
}
