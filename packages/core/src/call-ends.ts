import type { ResponseView } from '@sekisho/protocol';
import type { Authenticated } from './exchange.ts';
import type { SlotEnding } from './ports.ts';
import type { UpstreamFailure } from './upstreams/failure.ts';

/** Codes by which servers say that the two ends do not speak the same revision; legacy ones have no code of their own for it. */
export function isDoubtful(view: ResponseView): boolean {
  const code = view.body.find((member) => member.key === 'code');
  return code !== undefined && ['-32000', '-32020', '-32022', '-32600'].includes(view.text.slice(code.start, code.end));
}

/** Whether a modern server found that headers do not repeat the arguments: the call has not run. */
export function isMismatch(view: ResponseView): boolean {
  const code = view.ok ? undefined : view.body.find(({ key }) => key === 'code');
  return code !== undefined && view.text.slice(code.start, code.end) === '-32020';
}

/** A modern client that lacks a capability is told so with a status of its own. */
export function needsCapability(code: number | undefined, { caller }: Authenticated): boolean {
  return code === -32021 && caller.era === 'modern';
}

/** What a failure says about how much its server can take. */
export function endingOf({ code, sent, status }: UpstreamFailure): SlotEnding {
  if (code === 'ERR_UPSTREAM_TIMEOUT' || code === 'ERR_UPSTREAM_CRASHED' || code === 'ERR_UPSTREAM_CLOSED')
    return 'overloaded';
  if (status === 429 || status === 502 || status === 503 || status === 504) return 'overloaded';
  return sent ? 'done' : 'cancelled';
}

export function outcomeOf(code: number | undefined, bytes: number) {
  return code === undefined ? { result: 'answered' as const, bytes } : { result: 'error' as const, code, bytes };
}
