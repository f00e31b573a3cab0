/** Why a connection of the box was not made, or was ended. */
export type NetworkRefusal =
  /** No rule allows this name, or this name on this port. */
  | 'no-rule'
  | 'denied-domain'
  /** The rule's name leads to a private, loopback, link-local or metadata address only. */
  | 'private-address'
  | 'lookup-failed'
  | 'unreachable'
  /** The TLS client named another server, or none that can be read. */
  | 'server-name-mismatch'
  | 'not-tls'
  /** The HTTP request named another host. */
  | 'host-mismatch'
  | 'too-many-connections'
  /** A placeholder was about to leave the box where it has no business. */
  | 'placeholder';

export interface ConnectionEvent {
  type: 'connection';
  host: string;
  port: number;
  /** Address that was dialled. */
  address: string;
  /** Bytes from the box, and to it. */
  bytesSent: number;
  bytesReceived: number;
}

export interface RefusedEvent {
  type: 'refused';
  host: string;
  /** 0 where only the name was asked for. */
  port: number;
  reason: NetworkRefusal;
  /** How often since the last event about the same. */
  count: number;
}

/** A placeholder was seen where it has no business: something inside tries to send the secret elsewhere, or prints it. */
export interface PlaceholderEvent {
  type: 'placeholder';
  variable: string;
  where: 'other-host' | 'other-header' | 'url' | 'body' | 'plain-text' | 'dns' | 'stdout' | 'stderr';
  /** Host that would have got it, if any. */
  host?: string;
}

export interface LimitEvent {
  type: 'limit';
  limit: 'memoryBytes' | 'cpuMs' | 'wallMs' | 'cpuPercent' | 'stdoutBytesPerSecond';
  /** What was measured, and what the profile allows. */
  observed: number;
  allowed: number;
  action: 'killed' | 'throttled';
}

export type NetworkEvent = ConnectionEvent | RefusedEvent | PlaceholderEvent;
export type BoxEvent = NetworkEvent | LimitEvent;

/** The same refusal over and over becomes one event a second that counts: a box must not be able to flood the log. */
const REPEAT_MS = 1000;
const MOST_KEYS = 1000;

export type RecordRefusal = (host: string, port: number, reason: NetworkRefusal) => void;

export function createRefusalRecorder(emit: (event: RefusedEvent) => void, now: () => number): RecordRefusal {
  const known = new Map<string, { at: number; suppressed: number }>();
  return (host, port, reason) => {
    const key = `${reason} ${host}:${port}`;
    const last = known.get(key);
    if (last !== undefined && now() - last.at < REPEAT_MS) {
      last.suppressed++;
      return;
    }
    if (known.size >= MOST_KEYS) known.delete(known.keys().next().value!);
    known.delete(key);
    known.set(key, { at: now(), suppressed: 0 });
    emit({ type: 'refused', host, port, reason, count: 1 + (last?.suppressed ?? 0) });
  };
}

/** A refusal in the words of the profile, for the client inside and for the operator. */
export function describeRefusal({ host, port, reason }: Pick<RefusedEvent, 'host' | 'port' | 'reason'>): string {
  const name = port === 0 || port === 443 ? host : `${host}:${port}`;
  switch (reason) {
    case 'no-rule':
      return `network.allowedDomains lacks "${name}"`;
    case 'denied-domain':
      return `network.deniedDomains covers "${name}"`;
    case 'private-address':
      return `"${name}" leads to a private address; grant the address itself in network.allowedDomains if that is meant`;
    case 'lookup-failed':
      return `the name "${host}" could not be looked up`;
    case 'unreachable':
      return `"${name}" could not be reached`;
    case 'server-name-mismatch':
      return `a TLS client on the way to "${name}" named another server, or none`;
    case 'not-tls':
      return `"${name}" is allowed for TLS only`;
    case 'host-mismatch':
      return `a request on the way to "${name}" named another host`;
    case 'too-many-connections':
      return `too many connections at once, at "${name}"`;
    case 'placeholder':
      return `the placeholder of a secret was about to be sent to "${name}"`;
    default:
      return reason satisfies never;
  }
}
