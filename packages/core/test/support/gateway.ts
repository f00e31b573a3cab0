import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway } from '../../src/index.ts';

type GatewayOptions = Parameters<typeof createGateway>[0];
type Gateway = ReturnType<typeof createGateway>;

export interface TestGateway {
  /** The endpoint that serves all upstreams. */
  readonly url: string;
  readonly gateway: Gateway;
  close(): Promise<void>;
}

/** A gateway on a free port of 127.0.0.1, ready to be asked. */
export async function startTestGateway(options: GatewayOptions): Promise<TestGateway> {
  const gateway = createGateway(options);
  const server = createServer((req, res) => gateway.listener(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await gateway.ready();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    gateway,
    async close() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
