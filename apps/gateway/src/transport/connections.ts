import type { Server, Socket } from 'node:net';

/** Refuses the connections beyond the limits before a byte of them is read, so that they cost neither memory nor cryptography. */
export function limitConnections(
  server: Server,
  { most, mostPerAddress }: { readonly most: number; readonly mostPerAddress: number },
): { destroy(): void } {
  const open = new Set<Socket>();
  const byAddress = new Map<string, number>();
  server.maxConnections = most;
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = byAddress.get(address) ?? 0;
    if (count >= mostPerAddress) {
      socket.destroy();
      return;
    }
    byAddress.set(address, count + 1);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      const left = (byAddress.get(address) ?? 1) - 1;
      if (left === 0) byAddress.delete(address);
      else byAddress.set(address, left);
    });
  });
  return {
    destroy: () => {
      for (const socket of open) socket.destroy();
    },
  };
}
