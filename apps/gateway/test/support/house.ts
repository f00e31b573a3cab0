import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type Gateway, type Principal } from '@sekisho/core';
import { mountPolicy, type MountedPolicy } from '../../src/mount/policy.ts';
import type { PolicySection } from '../../src/mount/policy-section.ts';

const quiet = (): void => undefined;
export const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

export type House = {
  readonly gateway: Gateway;
  readonly policy: MountedPolicy;
  readonly port: number;
  close(): Promise<void>;
};

/** A gateway with the mounted policy, where callers say who they are: what authentication would have proved. */
export async function openHouse(
  urls: Readonly<Record<string, string>>,
  section: PolicySection | undefined,
  principals: Readonly<Record<string, Principal>>,
  asksWhoCalls = true,
): Promise<House> {
  const policy = mountPolicy({ section, asksWhoCalls }, { log: silent, now: Date.now });
  const gateway = createGateway({
    upstreams: Object.entries(urls).map(([name, url]) => ({
      name,
      kind: 'http',
      url,
      transport: 'streamable-http',
      headers: {},
    })),
    authenticate: ({ header }) => principals[header('authorization') ?? ''] ?? { refused: 'unauthenticated' },
    challenge: (_principal, scopes) => ({
      refused: 'insufficient-scope',
      headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"` },
    }),
    ...policy.ports,
  });
  const server = createServer((request, response) => gateway.listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await gateway.ready();
  return {
    gateway,
    policy,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
