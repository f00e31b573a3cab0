import { connect } from './connect.ts';
import type { ConnectOptions } from './connect.ts';
import { OpenError } from './failure.ts';
import { refuseQuestion } from './peer.ts';
import type { Peer } from './peer.ts';
import type { Affinity } from './sessions.ts';
import type { UpstreamSpec } from './spec.ts';

export interface OpenAgainOptions extends Omit<ConnectOptions, 'events' | 'hint' | 'capabilities' | 'onLaunched'> {
  /** From launch to the end of the handshake, milliseconds. */
  readonly startMs: number;
}

/**
 * Opens a server once more beside the conversation that all share: another process, or another connection. It is told exactly
 * what its one client can be asked. Its lists and news are not listened to: what changes in it changes nowhere else.
 */
export async function openAgain(
  spec: UpstreamSpec,
  options: OpenAgainOptions,
  affinity: Affinity,
  onLost: () => void,
): Promise<Peer> {
  const { startMs, signal } = options;
  const quiet = () => undefined;
  const tooLong = new AbortController();
  const late = new OpenError('ERR_UPSTREAM_TIMEOUT', `the server did not answer within ${startMs} ms`);
  let timer: NodeJS.Timeout | undefined;
  try {
    const { peer } = await connect(spec, {
      ...options,
      hint: 'legacy',
      onLaunched: () => (timer ??= setTimeout(() => tooLong.abort(late), startMs)),
      capabilities: affinity.capabilities,
      events: { onNotification: quiet, onRequest: refuseQuestion, onLost, onReopened: quiet },
      signal: AbortSignal.any([signal, tooLong.signal]),
    });
    return peer;
  } finally {
    clearTimeout(timer);
  }
}
