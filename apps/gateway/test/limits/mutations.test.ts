import { describe } from 'vitest';
import { expectFelt } from '../mutations/felt.ts';
import { failing, probes } from './probes.ts';

/** What holds a limit, taken out of its source, and the probe that must notice: `[probe, file, from, to]`. */
const mutations: readonly (readonly [string, string, string, string])[] = [
  ['call', 'apps/gateway/src/mount/rate-limit.ts', 'if (!limiter) return undefined;', 'if (limiter) return undefined;'],
  ['call', 'packages/core/src/options.ts', 'take: options.take,', 'take: undefined,'],
  [
    'list',
    'packages/core/src/pipeline.ts',
    'let permit = ports.take?.(',
    "let permit = x.method.kind === 'list' ? undefined : ports.take?.(",
  ],
  ['initialize', 'packages/core/src/metered.ts', 'if (!take) return', "if (!take || method === 'initialize') return"],
  ['stream', 'packages/core/src/metered.ts', 'if (!take) return', "if (!take || method === 'GET') return"],
  ['unknownName', 'packages/core/src/metered.ts', 'if (!take) return', "if (!take || method === 'tools/call') return"],
  ['unknownMethod', 'packages/core/src/metered.ts', 'if (!take) return', "if (!take || method === 'no/such') return"],
  ['legacyMethod', 'packages/core/src/metered.ts', 'if (!take) return', "if (!take || method === 'no/such') return"],
  ['stdioUnknown', 'packages/core/src/metered.ts', 'if (!take) return', "if (!take || method === 'no/such') return"],
  ['noSession', 'packages/core/src/metered.ts', 'if (!take) return', "if (!take || method === 'ping') return"],
  [
    'modernNotification',
    'packages/core/src/metered.ts',
    'if (!take) return',
    "if (!take || method === 'notifications/x') return",
  ],
  [
    'legacyNotification',
    'packages/core/src/metered.ts',
    'if (!take) return',
    "if (!take || method === 'notifications/initialized') return",
  ],
  [
    'stdioModern',
    'apps/gateway/src/mount/rate-limit.ts',
    'if (!limiter) return undefined;',
    "if (!limiter || credentials.transport === 'stdio') return undefined;",
  ],
  [
    'stdioLegacy',
    'apps/gateway/src/mount/rate-limit.ts',
    'if (!limiter) return undefined;',
    "if (!limiter || credentials.transport === 'stdio') return undefined;",
  ],
  ['address', 'packages/core/src/options.ts', 'admit: options.admit,', 'admit: undefined,'],
  [
    'address',
    'apps/gateway/src/mount/rate-limit.ts',
    'parts.addresses.signInFailed(credentials.remoteAddress ?? UNKNOWN);',
    ';',
  ],
  [
    'fields',
    'apps/gateway/src/mount/limit-ports.ts',
    'this.headers = http ? toFields(decision) : undefined;',
    'this.headers = undefined;',
  ],
  ['fields', 'packages/core/src/pipeline.ts', 'x.reply.begin?.(permit?.headers);', 'x.reply.begin?.(undefined);'],
  [
    'body',
    'apps/gateway/src/mount/limit-ports.ts',
    "tool: target.kind === 'tool' ? target.name : undefined,",
    "tool: 'any',",
  ],
  ['gate', 'packages/core/src/options.ts', 'enter: options.enter,', 'enter: undefined,'],
  [
    'gate',
    'apps/gateway/src/mount/rate-limit.ts',
    'if (!concurrency) return undefined;',
    'if (concurrency) return undefined;',
  ],
  [
    'gateFreed',
    'packages/core/src/call.ts',
    'this.#slot?.leave(ending);',
    "if (ending !== 'done') this.#slot?.leave(ending);",
  ],
  ['gateFreedByCancel', 'packages/core/src/call.ts', "this.#over('cancelled');", 'unregisterCancel(this.#x);'],
  ['gateFreedByFailure', 'packages/core/src/call.ts', 'this.#over(endingOf(reason));', 'unregisterCancel(this.#x);'],
  ['overload', 'packages/core/src/call.ts', 'this.#over(endingOf(reason));', "this.#over('done');"],
  ['queueLeft', 'packages/core/src/through-gate.ts', 'wait.abort();', ''],
  ['refund', 'apps/gateway/src/mount/limit-ports.ts', 'void this.#limiter.refund(this.#decision);', ''],
  ['refundUnsent', 'apps/gateway/src/mount/limit-ports.ts', 'return sent === false;', 'return false;'],
  [
    'settle',
    'apps/gateway/src/mount/limit-ports.ts',
    'void this.#limiter.settle(this.#decision, { bytes, tokens });',
    '',
  ],
  ['listen', 'packages/core/src/client/listen.ts', 'if (full) return', 'if (false) return'],
  ['listen', 'packages/core/src/options.ts', 'openStream: options.openStream,', 'openStream: undefined,'],
  ['listen', 'packages/core/src/stream-place.ts', 'this.#given.close();', ';'],
  ['news', 'packages/core/src/edge/legacy-edge.ts', 'if (full) return refuse(http, full);', ''],
  [
    'post',
    'packages/core/src/edge/replies.ts',
    'if (http.gone || place?.take()) return undefined;',
    'if (http.gone) return undefined;',
  ],
];

describe('limits that are taken out', () => {
  expectFelt({
    mutations: mutations.map(([probe, file, from, to]) => ({ probe, file, from, to })),
    probes: Object.keys(probes),
    failing,
    program: new URL('probes.ts', import.meta.url),
    soundMs: 120_000,
  });
});
