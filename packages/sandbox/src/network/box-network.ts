import type { Socket as DatagramSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { findPlaceholder } from '../broker/placeholders.ts';
import type { BoxPlan } from '../plan.ts';
import { type DomainRule, findRule, isDeniedDomain } from '../profile/domains.ts';
import { createConnectProxy, proxyEnvironment, PROXY_PORT } from './connect-proxy.ts';
import { describeRefusal, type NetworkRefusal } from './events.ts';
import { forwardConnection, type ForwardOptions } from './forward.ts';
import type { ListenerRequest, WantedListener } from './listener-program.ts';
import { serveNames } from './name-server.ts';
import { createNameTable } from './name-table.ts';

/** The gateway's side of one box's network. */
export interface BoxNetwork {
  /** What has to be opened inside. */
  request: ListenerRequest;
  hostsFile: string;
  environment: Record<string, string>;
  /** Takes a handle that came over the channel. */
  adopt(listener: WantedListener, handle: unknown): void;
  close(): void;
}

export interface BoxNetworkOptions extends Omit<ForwardOptions, 'granted'> {
  /** Every name is let through and every port of `ports` listened on: for learning what a command wants. */
  openPorts?: readonly number[];
}

const MOST_CONNECTIONS = 256;
const NAME_PORT = 53;
const IP_PROGRAMS = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'];

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

function wantedListeners(allowed: readonly DomainRule[], openPorts: readonly number[]): ListenerRequest {
  const key = ({ kind, port }: WantedListener): string => `${kind}:${port}`;
  const wanted = new Map<string, WantedListener>();
  const want = (listener: WantedListener): unknown => wanted.set(key(listener), listener);
  want({ kind: 'udp4', port: NAME_PORT });
  for (const { kind, host, port } of allowed)
    want({ kind: kind === 'address' && isIPv6(host) ? 'tcp6' : 'tcp4', port });
  for (const port of openPorts) want({ kind: 'tcp4', port });
  if (allowed.some(({ kind }) => kind === 'wildcard')) want({ kind: 'tcp4', port: PROXY_PORT });
  const addresses = [
    ...new Set(allowed.filter(({ kind, host }) => kind === 'address' && !isLoopback(host)).map(({ host }) => host)),
  ];
  return { listeners: [...wanted.values()], addresses, ip: IP_PROGRAMS.find((file) => existsSync(file)) };
}

/**
 * Listeners on all addresses of the box's own namespace, one for each port that a rule names; the address that a client connected to says
 * which rule it meant. Nothing but the box can connect to them, so there is nothing to present and nothing to steal.
 */
export function createBoxNetwork(
  { network, name }: Pick<BoxPlan, 'network' | 'name'>,
  options: BoxNetworkOptions,
): BoxNetwork {
  const openPorts = options.openPorts ?? [];
  const learning = openPorts.length > 0;
  const table = createNameTable(network, learning);
  const hasWildcard = network.allowed.some(({ kind }) => kind === 'wildcard');
  const connections = new Set<Socket>();
  const servers = new Set<Server>();
  let names: DatagramSocket | undefined;

  const granted = (address: string, port: number): boolean =>
    network.allowed.some((rule) => rule.kind === 'address' && rule.host === address && rule.port === port);

  /** Hands the connection over, or says why not. */
  const carry = (socket: Socket, host: string, port: number): string | undefined => {
    const rule = findRule(network, host, port) ?? (learning ? openRule(host, port) : undefined);
    let reason: NetworkRefusal | undefined;
    if (rule === undefined) reason = isDeniedDomain(network.denied, host, port) ? 'denied-domain' : 'no-rule';
    else if (connections.size > MOST_CONNECTIONS) reason = 'too-many-connections';
    if (rule === undefined || reason !== undefined) {
      options.refuse(host, port, reason!);
      return describeRefusal({ host, port, reason: reason! });
    }
    void forwardConnection(socket, { rule, host, port }, { ...options, granted });
    return undefined;
  };
  const proxy = createConnectProxy((socket, { host, port }) => carry(socket, host, port));

  const accepted = (socket: Socket): void => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    const address = (socket.localAddress ?? '').replace(/^::ffff:/, '');
    if (hasWildcard && socket.localPort === PROXY_PORT && address === '127.0.0.1') {
      proxy.accept(socket);
      return;
    }
    if (carry(socket, table.hostAt(address) ?? address, socket.localPort ?? 0) !== undefined) socket.destroy();
  };

  const answers = {
    addressOf(host: string): string | undefined {
      const stolen = options.broker === undefined ? undefined : findPlaceholder(host, options.broker.values);
      if (stolen !== undefined) options.emit({ type: 'placeholder', variable: stolen.variable, where: 'dns', host });
      const address = table.addressOf(host);
      if (address === undefined)
        options.refuse(host, 0, isDeniedDomain(network.denied, host, 443) ? 'denied-domain' : 'no-rule');
      return address;
    },
  };

  return {
    request: wantedListeners(network.allowed, openPorts),
    hostsFile: table.hostsFile,
    environment: hasWildcard ? proxyEnvironment(table.exactHosts) : {},
    adopt(listener, handle) {
      if (listener.kind === 'udp4') {
        names = handle as DatagramSocket;
        serveNames(names, answers);
        return;
      }
      const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, accepted);
      // Accepting can fail for want of descriptors; the box then waits, and the gateway goes on.
      server.on('error', () => options.refuse(name, listener.port, 'too-many-connections'));
      servers.add(server);
      server.listen(handle as Server);
    },
    close() {
      names?.close();
      for (const server of servers) server.close();
      for (const socket of connections) socket.destroy();
      proxy.close();
      options.broker?.relay.close();
    },
  };
}

const openRule = (host: string, port: number): DomainRule => ({
  text: `${host}:${port}`,
  host,
  port,
  kind: 'exact',
  portNamed: true,
});
