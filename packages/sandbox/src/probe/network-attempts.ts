import type { Permission } from '../backends/backend.ts';
import type { BoxPlan } from '../plan.ts';
import { type Attempt, type AttemptContext, EINPROGRESS, mustFail, PREVIOUS, said } from './attempt.ts';
import type { Argument } from './machine-code.ts';

const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;

function internetAddress(address: string, port: number): Argument {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  Buffer.from(address.split('.').map(Number)).copy(bytes, 4);
  return { bytes };
}

const connectTo = (
  name: string,
  permission: Permission,
  address: string,
  port: number,
  type = SOCK_STREAM | SOCK_NONBLOCK,
): Attempt => ({
  name,
  permission,
  calls: [
    { call: 'socket', args: [AF_INET, type, 0] },
    { call: 'connect', args: [PREVIOUS, internetAddress(address, port), 16] },
  ],
  judge: mustFail,
});

/** Connections and sockets, except those that a rule allows. */
export function networkAttempts(plan: BoxPlan, { hostPort, abstractName, promised }: AttemptContext): Attempt[] {
  const name = Buffer.concat([Buffer.from([AF_UNIX, 0, 0]), Buffer.from(abstractName)]);
  return [
    connectTo('connect to the internet', 'network', '192.0.2.1', 443),
    connectTo('send a datagram to the internet', 'network', '192.0.2.1', 53, SOCK_DGRAM),
    connectTo('connect to the metadata service', 'network', '169.254.169.254', 80),
    connectTo("connect to a listener on the host's loopback", 'network', '127.0.0.1', hostPort, SOCK_STREAM), // on loopback the answer comes at once
    {
      name: 'connect to an abstract unix socket of the host',
      permission: 'network',
      calls: [
        { call: 'socket', args: [AF_UNIX, SOCK_STREAM, 0] },
        { call: 'connect', args: [PREVIOUS, { bytes: name }, name.length] },
      ],
      judge: mustFail,
    },
    ...(promised === undefined
      ? []
      : [
          {
            ...connectTo(
              'control: the listener of a rule is there',
              'network.allowedDomains',
              promised.address,
              promised.port,
            ),
            judge: (result: number) =>
              result === 0 || result === EINPROGRESS ? undefined : `it answered ${said(result)}`,
          },
        ]),
    ...(plan.unixSockets
      ? []
      : [
          {
            name: 'make a unix socket',
            permission: 'network' as const,
            calls: [{ call: 'socket' as const, args: [AF_UNIX, SOCK_STREAM, 0] }],
            judge: mustFail,
          },
        ]),
    {
      name: 'make a raw socket',
      permission: 'network',
      calls: [{ call: 'socket', args: [AF_INET, 3, 1] }],
      judge: mustFail,
    },
  ];
}
