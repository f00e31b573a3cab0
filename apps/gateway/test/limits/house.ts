import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway, type Gateway, type GatewayOptions, type UpstreamSpec } from '@sekisho/core';
import type { LimitsEvent } from '../../src/mount/limit-events.ts';
import { mountRateLimit, type RateLimitMount } from '../../src/mount/rate-limit.ts';
import { rateLimitSection } from '../../src/mount/rate-limit-section.ts';
// @boundaries-ignore servers and clients for tests are not published
import { startRawHttp } from '../../../../packages/core/test/fixtures/servers/raw/http.ts';
// @boundaries-ignore servers and clients for tests are not published
import {
  listFields,
  resultFields,
  textResult,
  toolMethods,
  type RawCall,
} from '../../../../packages/core/test/fixtures/servers/raw/server.ts';

// @boundaries-ignore servers and clients for tests are not published
export { modern, openSession } from '../../../../packages/core/test/edge/raw-client.ts';
// @boundaries-ignore servers and clients for tests are not published
export type { Got, Sent } from '../../../../packages/core/test/edge/raw-client.ts';

/** Calls that a server is working on, until the test lets them end. */
export type Held = { readonly text: string; finish(): void };

export type LimitsHouse = {
  readonly url: string;
  readonly port: number;
  readonly gateway: Gateway;
  readonly limits: RateLimitMount;
  readonly events: readonly LimitsEvent[];
  /** Calls of `hold` and `talk` at the server now. */
  readonly held: readonly Held[];
  /** Every `tools/call` that has reached the server. */
  readonly called: readonly string[];
  /** Requests of any kind that have reached the server. */
  readonly seen: () => number;
  readonly stateFolder: string;
  readonly close: () => Promise<void>;
};

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const textOf = ({ text }: Readonly<Record<string, unknown>>): string => (typeof text === 'string' ? text : '');

/** A gateway with limits as the program mounts them; the bearer token is the principal, `tenant-x` its tenant, and `bad` nobody. */
export async function openLimitsHouse(
  section: object | undefined,
  more: {
    readonly options?: Partial<GatewayOptions>;
    readonly upstreams?: readonly UpstreamSpec[];
    readonly stateFolder?: string;
    readonly now?: () => number;
    /** Longest time the server of the house has for a call, milliseconds. Default: that of the gateway. */
    readonly callMs?: number;
  } = {},
): Promise<LimitsHouse> {
  const held: Held[] = [];
  const called: string[] = [];
  const events: LimitsEvent[] = [];
  const wait = (call: RawCall, text: string): Promise<string> =>
    new Promise((resolve) => {
      const mine: Held = {
        text,
        finish: () => {
          held.splice(held.indexOf(mine), 1);
          resolve(textResult(call.era, text));
        },
      };
      call.signal.addEventListener('abort', () => {
        if (held.includes(mine)) mine.finish();
      });
      held.push(mine);
    });
  const tools = toolMethods({
    echo: (args, call) => textResult(call.era, textOf(args)),
    big: (args, call) => textResult(call.era, 'x'.repeat(Number(args['bytes']))),
    hold: (args, call) => wait(call, textOf(args)),
    talk: (args, call) => {
      call.notify('notifications/progress', { progressToken: call.meta['progressToken'], progress: 1 });
      return wait(call, textOf(args));
    },
  });
  const server = await startRawHttp({
    name: 's',
    capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} },
    methods: {
      ...tools,
      'tools/call': (call) => {
        called.push(String(call.params['name']));
        return tools['tools/call']!(call);
      },
      'prompts/list': ({ era }) => `{${listFields(era)}"prompts":[{"name":"p"}]}`,
      'prompts/get': ({ era }) => `{${resultFields(era)}"messages":[]}`,
      'resources/list': ({ era }) => `{${listFields(era)}"resources":[{"uri":"test://r","name":"r"}]}`,
      'resources/templates/list': ({ era }) => `{${listFields(era)}"resourceTemplates":[]}`,
      'resources/read': ({ era }) => `{${listFields(era)}"contents":[]}`,
      'resources/subscribe': () => '{}',
      'resources/unsubscribe': () => '{}',
      'completion/complete': ({ era }) => `{${resultFields(era)}"completion":{"values":[]}}`,
    },
  });
  const own = more.stateFolder === undefined ? await mkdtemp(join(tmpdir(), 'sekisho-limits-')) : undefined;
  const stateFolder = more.stateFolder ?? own!;
  const limits = await mountRateLimit(section && rateLimitSection.parse(section), {
    stateFolder,
    log: quiet,
    now: more.now ?? Date.now,
    onEvent: (event) => events.push(event),
  });
  const gateway = createGateway({
    log: quiet,
    ...limits.ports,
    authenticate: limits.watchSignIns(({ header, transport }) => {
      const token = transport === 'stdio' ? 'stdio' : header('authorization')?.replace('Bearer ', '');
      if (token === undefined || token === 'bad') return { refused: 'unauthenticated' };
      return { id: token, ...(token.startsWith('tenant-') ? { tenant: token.slice(0, 8) } : {}) };
    }),
    upstreams: [
      {
        name: 's',
        kind: 'http',
        url: server.url,
        transport: 'streamable-http',
        headers: {},
        ...(more.callMs === undefined ? {} : { timeouts: { callMs: more.callMs } }),
      },
      ...(more.upstreams ?? []),
    ],
    ...more.options,
  });
  const listener = createServer((request, response) => gateway.listener(request, response));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  await gateway.ready();
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    gateway,
    limits,
    events,
    held,
    called,
    seen: () => server.requests.length,
    stateFolder,
    close: async () => {
      await gateway.close();
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
      await Promise.all([limits.close(), server.close()]);
      if (own !== undefined) await rm(own, { recursive: true, force: true });
    },
  };
}
