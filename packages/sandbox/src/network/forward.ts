import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { BoxAuthority } from '../broker/authority.ts';
import type { HttpRelay } from '../broker/http-relay.ts';
import { type BrokeredValue, createStreamScanner } from '../broker/placeholders.ts';
import { type DomainRule, normaliseHost } from '../profile/domains.ts';
import { describeRefusal, type NetworkEvent, type NetworkRefusal, type RecordRefusal } from './events.ts';
import { type FirstBytes, inspectFirstBytes, MOST_INSPECTED_BYTES } from './inspect.ts';
import { type Lookup, resolveRule } from './resolve.ts';

export interface ForwardOptions {
  lookup: Lookup;
  emit(event: NetworkEvent): void;
  refuse: RecordRefusal;
  /** Whether a rule names this very address and port. */
  granted(address: string, port: number): boolean;
  /** Present where a secret is brokered: TLS then ends here. */
  broker: { authority: BoxAuthority; relay: HttpRelay; values: readonly BrokeredValue[] } | undefined;
}

/** Where a connection of the box wants to go, after the rules said yes. */
export interface ForwardTarget {
  rule: DomainRule;
  host: string;
  port: number;
}

const HTTPS_PORT = 443;
/** A client that has said nothing by then is taken for one that lets the server speak first (SMTP, SSH, MySQL). */
const SILENT_CLIENT_MS = 300;
const FIRST_BYTES_MS = 15_000;
const DIAL_MS = 15_000;
// TLS 1.2 records with a fatal alert (RFC 5246 7.2): access_denied (49), unrecognized_name (112).
const alert = (description: number): Buffer => Buffer.from([21, 3, 3, 0, 2, 2, description]);
const ACCESS_DENIED = 49;
const UNRECOGNIZED_NAME = 112;

/** Reads until the bytes can be judged, and puts them back. On ports other than 443 a silent client counts as "other". */
async function firstBytesOf(socket: Socket, port: number): Promise<FirstBytes> {
  const chunks: Buffer[] = [];
  const found = await new Promise<FirstBytes>((resolve) => {
    const done = (result: FirstBytes): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onEnd).off('end', onEnd);
      socket.pause();
      resolve(result);
    };
    const timer = setTimeout(() => done({ kind: 'other' }), port === HTTPS_PORT ? FIRST_BYTES_MS : SILENT_CLIENT_MS);
    const onEnd = (): void => done({ kind: 'other' });
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      timer.refresh();
      const inspected = inspectFirstBytes(Buffer.concat(chunks));
      if (inspected.kind !== 'more') done(inspected);
      else if (chunks.reduce((sum, { length }) => sum + length, 0) > MOST_INSPECTED_BYTES) done({ kind: 'other' });
    };
    socket.on('data', onData).on('close', onEnd).on('end', onEnd);
    socket.resume();
  });
  if (chunks.length > 0 && !socket.destroyed) socket.unshift(Buffer.concat(chunks));
  return found;
}

/** What is wrong with the first bytes, for this target. An address has no name to compare with. */
function judge(first: FirstBytes, { rule, host, port }: ForwardTarget): NetworkRefusal | undefined {
  if (first.kind === 'tls') {
    if (rule.kind === 'address') return undefined;
    return first.serverName !== undefined && normaliseHost(first.serverName) === host
      ? undefined
      : 'server-name-mismatch';
  }
  if (port === HTTPS_PORT) return 'not-tls';
  if (first.kind === 'http' && rule.kind !== 'address') {
    const named = first.host === undefined ? undefined : normaliseHost(first.host.replace(/:\d+$/, ''));
    return named === host ? undefined : 'host-mismatch';
  }
  return undefined;
}

/** Tells the client why, in the protocol that it speaks. */
function sayNo(socket: Socket, first: FirstBytes, reason: NetworkRefusal, { host, port }: ForwardTarget): void {
  if (first.kind === 'tls') {
    socket.end(alert(reason === 'server-name-mismatch' ? UNRECOGNIZED_NAME : ACCESS_DENIED));
  } else if (first.kind === 'http') {
    const text = `Refused by the sandbox: ${describeRefusal({ host, port, reason })}.\n`;
    const status = reason === 'host-mismatch' ? '421 Misdirected Request' : '403 Forbidden';
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
    );
  } else {
    socket.destroy();
  }
  socket.resume(); // what the client still sends is of no interest, but unread it would turn the answer into a reset
}

/** The first of these addresses that answers. Each was checked; there is no other look-up. */
async function dial(addresses: readonly string[], port: number): Promise<Socket | undefined> {
  for (const address of addresses) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const attempt = connect({ host: address, port, autoSelectFamily: false });
      const failed = (): void => {
        attempt.destroy();
        resolve(undefined);
      };
      attempt.setTimeout(DIAL_MS, failed);
      attempt.once('error', failed);
      attempt.once('connect', () => {
        attempt.setTimeout(0);
        attempt.off('error', failed);
        resolve(attempt);
      });
    });
    if (socket !== undefined) return socket;
  }
  return undefined;
}

/** Carries a connection of the box to where its rule allows, or refuses it. Never rejects. */
export async function forwardConnection(socket: Socket, target: ForwardTarget, options: ForwardOptions): Promise<void> {
  const { rule, host, port } = target;
  socket.on('error', () => socket.destroy());
  const first = await firstBytesOf(socket, port);
  if (socket.destroyed) return;
  const no = (reason: NetworkRefusal): void => {
    options.refuse(host, port, reason);
    sayNo(socket, first, reason, target);
  };
  const wrong = judge(first, target);
  if (wrong !== undefined) return no(wrong);
  const resolved = await resolveRule(rule, host, options.lookup, (address) => options.granted(address, port));
  if ('refused' in resolved) return no(resolved.refused);
  if (socket.destroyed) return;

  const { broker } = options;
  if (broker !== undefined && rule.kind !== 'address' && (first.kind === 'tls' || first.kind === 'http')) {
    const address = resolved.addresses[0]!;
    const tls = first.kind === 'tls';
    socket.on('close', () =>
      options.emit({
        type: 'connection',
        host,
        port,
        address,
        bytesSent: socket.bytesRead,
        bytesReceived: socket.bytesWritten,
      }),
    );
    const connection = tls
      ? new TLSSocket(socket, {
          isServer: true,
          secureContext: broker.authority.contextFor(host),
          ALPNProtocols: ['http/1.1'],
        })
      : socket;
    broker.relay.accept(connection, { host, port, address, tls });
    return;
  }

  const upstream = await dial(resolved.addresses, port);
  if (upstream === undefined) return no('unreachable');
  if (socket.destroyed) return void upstream.destroy();
  if (broker !== undefined)
    socket.on(
      'data',
      createStreamScanner(broker.values, ({ variable }) => {
        options.emit({ type: 'placeholder', variable, where: 'plain-text', host });
        upstream.destroy();
      }),
    );
  const address = upstream.remoteAddress ?? '';
  upstream.on('error', () => socket.destroy());
  upstream.on('close', () => {
    options.emit({
      type: 'connection',
      host,
      port,
      address,
      bytesSent: upstream.bytesWritten,
      bytesReceived: upstream.bytesRead,
    });
    socket.destroy();
  });
  socket.on('close', () => upstream.destroy());
  socket.pipe(upstream).pipe(socket);
}
