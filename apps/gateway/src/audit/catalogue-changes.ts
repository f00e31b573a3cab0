import { hash } from 'node:crypto';
import type { AuditEvent } from '@sekisho/audit';
import type { GatewayStatus, Thing } from '@sekisho/core';

type Note = (event: AuditEvent) => void;

/**
 * What servers do of their own accord, as events: they come up, fail and go, and their tools appear, change and vanish.
 * Told from the state of the gateway, so that no part of it has to think of the record.
 */
export function followServers(things: () => readonly Thing[], note: Note): { status: (status: GatewayStatus) => void } {
  const states = new Map<string, string>();
  const known = new Map<string, Map<string, string>>();
  let version = -1;
  return {
    status(status) {
      const names = new Set(status.upstreams.map(({ name }) => name));
      for (const upstream of status.upstreams) {
        const { name, state } = upstream;
        const before = states.get(name);
        if (before === state) continue;
        states.set(name, state);
        const event = stateEvent(name, state, before, upstream);
        if (event) note(event);
      }
      for (const name of states.keys()) {
        if (names.has(name)) continue;
        states.delete(name);
        known.delete(name);
      }
      if (status.catalogueVersion === version) return;
      version = status.catalogueVersion;
      const ready = new Set(status.upstreams.filter(({ state }) => state === 'ready').map(({ name }) => name));
      tellTools(things(), ready, known, note);
    },
  };
}

function stateEvent(
  server: string,
  state: string,
  before: string | undefined,
  upstream: GatewayStatus['upstreams'][number],
): AuditEvent | undefined {
  const target = { server };
  const detail = { state, ...(before === undefined ? {} : { before }) };
  if (state === 'ready') return { type: 'upstream.connected', outcome: 'ok', target, detail };
  if (state === 'failed' || state === 'backoff') {
    const code = upstream.error?.code;
    return {
      type: code?.startsWith('ERR_SANDBOX_') === true ? 'sandbox.refused' : 'upstream.failed',
      outcome: 'error',
      target,
      detail: code === undefined ? detail : { ...detail, code },
    };
  }
  // Starting says nothing yet; what was up and is not any more has gone.
  return before === 'ready' && state !== 'starting'
    ? { type: 'upstream.exited', outcome: 'ok', target, detail }
    : undefined;
}

/** A server that is not there has not changed its tools: only what a ready one says counts. */
function tellTools(
  things: readonly Thing[],
  ready: ReadonlySet<string>,
  known: Map<string, Map<string, string>>,
  note: Note,
): void {
  const now = new Map<string, Map<string, string>>();
  for (const server of ready) now.set(server, new Map());
  for (const { server, kind, name, definition } of things) {
    if (kind === 'tool') now.get(server)?.set(name, hash('sha256', Buffer.from(definition, 'latin1'), 'hex'));
  }
  for (const [server, tools] of now) {
    const before = known.get(server);
    known.set(server, tools);
    // The first list of a server is one event: its tools are added with it.
    if (before === undefined) {
      const all = [...tools].map(([name, digest]) => `${name} ${digest}`).sort();
      const definitions = hash('sha256', all.join('\n'), 'hex');
      note({
        type: 'upstream.tool_added',
        outcome: 'ok',
        target: { server },
        detail: { tools: tools.size, definitions_sha256: definitions },
      });
      continue;
    }
    for (const [name, digest] of tools) {
      const old = before.get(name);
      if (old === digest) continue;
      const type = old === undefined ? 'upstream.tool_added' : 'upstream.tool_changed';
      const was = old === undefined ? {} : { was_sha256: old };
      note({ type, outcome: 'ok', target: { server, name }, detail: { definition_sha256: digest, ...was } });
    }
    for (const [name, digest] of before) {
      if (tools.has(name)) continue;
      note({
        type: 'upstream.tool_removed',
        outcome: 'ok',
        target: { server, name },
        detail: { was_sha256: digest },
      });
    }
  }
}
