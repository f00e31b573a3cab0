import type { AddressInfo, Server } from 'node:net';

/** An upstream as the measurement describes it to every peer. */
export type PeerUpstream =
  | { readonly name: string; readonly kind: 'http'; readonly url: string }
  | { readonly name: string; readonly kind: 'stdio'; readonly command: string; readonly args: readonly string[] };

/** What a peer says of itself when asked. */
export interface Usage {
  /** User and system time of this process, all threads, without children; microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** The upstreams that this peer stands in front of. */
export const givenUpstreams = (): readonly PeerUpstream[] => JSON.parse(process.argv[2] ?? '[]') as PeerUpstream[];

/** Listens on a free port, tells the parent where and with which headers it is called, and answers its questions until it goes away. */
export function serveMeasured(server: Server, headers: Readonly<Record<string, string>> = {}): void {
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, headers });
  });
  process.on('message', (question) => {
    // A collection costs CPU, so only who asks about memory pays for one.
    if (question === 'memory') globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() };
    process.send?.({ usage });
  });
  process.on('disconnect', () => process.exit(0));
}
