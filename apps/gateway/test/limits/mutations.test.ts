import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { failing, probes } from './probes.ts';

const root = new URL('../../../../', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, root));

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

/** Runs one probe in a process of its own, against sources with the mutation in them. */
function failsUnder([probe, file, from, to]: (typeof mutations)[number]): Promise<boolean> {
  const args = [
    '--conditions=@sekisho/source',
    '--no-warnings',
    '--import',
    path('packages/core/test/mutations/mutant.mjs'),
  ];
  const env = { ...process.env, SEKISHO_MUTATION: JSON.stringify({ file, from, to }) };
  return new Promise((resolve, reject) => {
    const program = path('apps/gateway/test/limits/probes.ts');
    execFile(process.execPath, [...args, program, probe], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      // A gateway that fell over under the mutation proves nothing: only a probe that ran and was not answered as it must counts.
      if (error) reject(new Error(`${probe}: ${stderr.slice(0, 2000)}`));
      else resolve((JSON.parse(stdout) as string[]).includes(probe));
    });
  });
}

describe('limits that are taken out', () => {
  it('stand in the sources, once each', () => {
    const missing = mutations.filter(([, file, from]) => readFileSync(path(file), 'utf8').split(from).length !== 2);
    expect(missing).toEqual([]);
  });

  it('are all kept by the gateway as it is', { timeout: 120_000 }, async () => {
    expect(await failing(Object.keys(probes))).toEqual([]);
  });

  it('are missed by their probes', { timeout: 300_000 }, async () => {
    const left = [...mutations];
    const survivors: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift())
        if (!(await failsUnder(next))) survivors.push(`${next[0]}: ${next[2]} -> ${next[3]}`);
    };
    await Promise.all([worker(), worker()]);
    expect(survivors).toEqual([]);
  });
});
