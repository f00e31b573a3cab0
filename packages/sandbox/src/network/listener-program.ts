/** A listening socket that is wanted inside the box's network namespace. */
export interface WantedListener {
  kind: 'tcp4' | 'tcp6' | 'udp4';
  port: number;
}

/** Handed to the listening program as its only argument. */
export interface ListenerRequest {
  listeners: WantedListener[];
  /** Addresses that are to exist in the namespace, beside 127.0.0.0/8 and ::1. */
  addresses: string[];
  /** Path of `ip`, without which `addresses` cannot be set up. */
  ip: string | undefined;
}

/** What comes back over the channel, with a handle unless it is an error. */
export type ListenerMessage = WantedListener | { error: string };

/**
 * A program of its own, given to `node -e`: it runs for a moment in the box's network namespace, with the host's mounts, before anything of
 * the box does. It opens each listener, hands it over the channel, and ends. A socket belongs to the namespace where it was made: what
 * the gateway accepts on it can only come from this one box.
 */
export const LISTENER_PROGRAM = `
const net = require('node:net'), dgram = require('node:dgram');
const { listeners, addresses, ip } = JSON.parse(process.argv[1]);
const send = (message, handle) => new Promise((done, failed) => process.send(message, handle, {}, (error) => (error ? failed(error) : done())));
const ready = (thing, start) => new Promise((done, failed) => { thing.once('error', failed); start(done); });
// Without a gateway there is nobody to hand them to, and what waits for this program must not wait forever.
// (The event of that name waits for answers that will never come; hence the look.)
setInterval(() => process.connected || process.exit(1), 20);
(async () => {
  for (const address of addresses) {
    const bits = address.includes(':') ? '/128' : '/32';
    require('node:child_process').execFileSync(ip, ['addr', 'add', address + bits, 'dev', 'lo']);
  }
  for (const wanted of listeners) {
    if (wanted.kind === 'udp4') {
      const socket = dgram.createSocket('udp4');
      await ready(socket, (done) => socket.bind(wanted.port, '127.0.0.1', done));
      await send(wanted, socket);
    } else {
      const server = net.createServer();
      const host = wanted.kind === 'tcp4' ? '0.0.0.0' : '::';
      await ready(server, (done) => server.listen({ host, port: wanted.port, ipv6Only: wanted.kind === 'tcp6', backlog: 511 }, done));
      await send(wanted, server);
    }
  }
  process.exit(0);
})().catch((error) => (process.connected ? process.send({ error: String(error) }, () => process.exit(1)) : process.exit(1)));
`;
