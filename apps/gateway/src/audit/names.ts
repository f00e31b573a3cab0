import type { AuditEvent, AuditEventType, Outcome as AuditOutcome } from '@sekisho/audit';
import { AUDIT_EVENT_TYPES } from '@sekisho/audit';
import type { ExchangeRecord, Outcome } from '@sekisho/core';

const KNOWN: ReadonlySet<string> = new Set(AUDIT_EVENT_TYPES);

/** What the end of an exchange is called, by the method that was asked for. */
const BY_METHOD: Readonly<Record<string, AuditEventType>> = {
  initialize: 'mcp.initialize',
  ping: 'mcp.ping',
  batch: 'mcp.batch',
  response: 'mcp.input_response',
  'server/discover': 'mcp.discover',
  'tools/list': 'mcp.list',
  'prompts/list': 'mcp.list',
  'resources/list': 'mcp.list',
  'resources/templates/list': 'mcp.list',
  'tools/call': 'mcp.tool.result',
  'resources/read': 'mcp.resource.read',
  'prompts/get': 'mcp.prompt.get',
  'completion/complete': 'mcp.complete',
  'logging/setLevel': 'mcp.logging',
  'resources/subscribe': 'mcp.subscription.opened',
  'resources/unsubscribe': 'mcp.closed',
  'subscriptions/listen': 'mcp.closed',
};

const TASKS: Readonly<Record<string, AuditEventType>> = {
  'tasks/list': 'mcp.list',
  'tasks/result': 'mcp.task.completed',
  'tasks/cancel': 'mcp.task.cancelled',
};

/** What is said before it is done, where that is called otherwise. */
const INTENTS: Readonly<Record<string, AuditEventType>> = {
  'tools/call': 'mcp.tool.call',
  'subscriptions/listen': 'mcp.subscription.opened',
};

const REFUSALS: Readonly<Record<string, AuditEventType>> = {
  forbidden: 'authz.denied',
  denied: 'authz.denied',
  'insufficient-scope': 'authz.insufficient_scope',
  limited: 'limit.exceeded',
  overloaded: 'limit.concurrency_shed',
  content: 'content.blocked',
  'forbidden-origin': 'security.origin_blocked',
  'forbidden-host': 'security.host_blocked',
  'header-mismatch': 'mcp.header_mismatch',
};

/** Refusals that say nothing of the sender: what was asked for did not come about. */
const ERRORS: ReadonlySet<string> = new Set(['unknown-target', 'unavailable', 'record-failed']);

/** The type under the method of an exchange; HTTP without a message is known by its own method. */
function typeOfMethod({ method, credentials }: ExchangeRecord): AuditEventType {
  if (method === undefined) {
    if (credentials.method === 'GET') return 'mcp.stream';
    return credentials.method === 'DELETE' ? 'session.revoked' : 'mcp.protocol_error';
  }
  const type = BY_METHOD[method];
  if (type) return type;
  if (method.startsWith('notifications/')) return 'mcp.notification';
  if (method.startsWith('tasks/')) return TASKS[method] ?? 'mcp.task.updated';
  return 'mcp.protocol_error';
}

export function intentType(exchange: ExchangeRecord): AuditEventType {
  return INTENTS[exchange.method ?? ''] ?? typeOfMethod(exchange);
}

/** The dotted type of an end. A refusal is called by what refused, everything else by what was asked for. */
export function terminalType(exchange: ExchangeRecord, { result, reason = '', event }: Outcome): AuditEventType {
  if (event !== undefined && KNOWN.has(event)) return event as AuditEventType;
  if (exchange.facts?.['session.principal_mismatch'] === true) return 'session.principal_mismatch';
  if (result === 'failed' && reason === 'internal') return 'gateway.failed';
  if (result === 'refused') {
    if (reason === 'unauthenticated')
      return exchange.credentials.header('authorization') === undefined ? 'auth.missing' : 'auth.invalid_token';
    return REFUSALS[reason] ?? (ERRORS.has(reason) ? typeOfMethod(exchange) : 'mcp.protocol_error');
  }
  const type = typeOfMethod(exchange);
  // A stream that its client closes has ended as streams do.
  const isStream = type === 'mcp.stream' || type === 'mcp.closed';
  return (result === 'cancelled' || result === 'disconnected') && !isStream ? 'mcp.cancelled' : type;
}

export function terminalOutcome(exchange: ExchangeRecord, { result, reason = '' }: Outcome): AuditOutcome {
  switch (result) {
    case 'answered':
      return exchange.facts?.['tool.is_error'] === true ? 'error' : 'ok';
    case 'error':
    case 'failed':
      return 'error';
    case 'refused':
      return ERRORS.has(reason) ? 'error' : 'denied';
    default:
      return typeOfMethod(exchange) === 'mcp.stream' ? 'ok' : 'cancelled';
  }
}

const METHOD = /^[a-z][A-Za-z_]*(?:\/[A-Za-z_]+){0,3}$/;
const PLAIN_NAME = /^[\w./@:-]{1,128}$/;

/** What the exchange is about. What a client wrote stands here only where it can be no more than a name. */
export function targetOf(exchange: ExchangeRecord): NonNullable<AuditEvent['target']> {
  const { target, method, era, credentials } = exchange;
  const about: NonNullable<AuditEvent['target']> = {};
  if (target?.server !== undefined) about.server = target.server;
  if (method === undefined) about.method = credentials.transport === 'stdio' ? 'line' : httpMethod(credentials.method);
  else about.method = method.length <= 64 && METHOD.test(method) ? method : 'other';
  const name = target?.name;
  if (name !== undefined) {
    if (target?.kind === 'resource' || target?.kind === 'subscription' || name.includes('://')) about.uri = name;
    else if (PLAIN_NAME.test(name)) about.name = name;
  }
  if (era !== undefined) about.era = era;
  return about;
}

function httpMethod(method: string): string {
  return /^[A-Z]{3,7}$/.test(method) ? `http ${method}` : 'http other';
}
