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
const MAX_DETAIL_BYTES = 32_768;

function text(value: string, max: number): string {
  const cut = value.length > max ? `${value.slice(0, max - 1)}\u2026` : value;
  return cut.length < 200 && PLAIN.test(cut) ? `"${cut}"` : JSON.stringify(cut);
}

function num(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

/** Collects the members of one JSON object; keys are ours and need no escaping. */
class Members {
  #json = '';

  text(key: string, value: string | undefined, max = MAX_NAME): this {
    if (value !== undefined) this.#json += `,"${key}":${text(value, max)}`;
    return this;
  }

  num(key: string, value: number | undefined): this {
    if (value !== undefined) this.#json += `,"${key}":${num(value)}`;
    return this;
  }

  flag(key: string, value: boolean | undefined): this {
    if (value !== undefined) this.#json += `,"${key}":${value}`;
    return this;
  }

  json(): string {
    return `{${this.#json.slice(1)}}`;
  }
}

function sizeOf(content: string | Uint8Array): number {
  return typeof content === 'string' ? Buffer.byteLength(content) : content.length;
}

function target(value: NonNullable<AuditEvent['target']>, mac: Mac): string {
  const members = new Members().text('server', value.server).text('method', value.method).text('name', value.name);
  if (value.uri !== undefined) {
    const scheme = /^([a-z][a-z0-9+.-]{0,31}):/i.exec(value.uri)?.[1];
    members.text('uri_scheme', scheme?.toLowerCase()).text('uri_mac', mac(value.uri));
  }
  return members.text('era', value.era, 32).json();
}

function request(value: NonNullable<AuditEvent['request']>, mac: Mac): string {
  const members = new Members();
  if (typeof value.id === 'number') members.num('id', value.id);
  else if (value.id !== undefined && PLAIN_ID.test(value.id)) members.text('id', value.id);
  else if (value.id !== undefined) members.text('id_mac', mac(value.id));
  if (value.args !== undefined) members.text('args_mac', mac(value.args));
  return members.num('bytes', value.bytes ?? (value.args === undefined ? undefined : sizeOf(value.args))).json();
}

function response(value: NonNullable<AuditEvent['response']>, mac: Mac): string {
  const members = new Members().flag('is_error', value.isError);
  if (typeof value.code === 'number') members.num('code', value.code);
  else members.text('code', value.code, 64);
  if (value.result !== undefined) members.text('result_mac', mac(value.result));
  return members
    .num('bytes', value.bytes ?? (value.result === undefined ? undefined : sizeOf(value.result)))
    .num('ms', value.durationMs)
    .json();
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
    if (entries >= MAX_DETAIL_ENTRIES || Buffer.byteLength(json) + Buffer.byteLength(member) > MAX_DETAIL_BYTES)
      left += 1;
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
    json += `,"authz":${new Members().text('effect', effect).text('rule', rule).text('policy_hash', policyHash).json()}`;
  }
  if (event.request) json += `,"req":${request(event.request, mac)}`;
  if (event.response) json += `,"res":${response(event.response, mac)}`;
  if (event.limit) {
    const { bucket, cost, remaining, retryAfterMs } = event.limit;
    const members = new Members().text('bucket', bucket).num('cost', cost).num('remaining', remaining);
    json += `,"limit":${members.num('retry_after_ms', retryAfterMs).json()}`;
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
