import type { Log } from '../ports.ts';
import type { Memory } from './memory.ts';
import type { Identity } from './outgoing.ts';
import type { ProcessStarter } from './stdio/process.ts';
import type { Upstream } from './upstream.ts';

export interface UpstreamOptions {
  readonly identity: Identity;
  readonly starter: ProcessStarter;
  readonly memory: Memory;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  /** Its state or lists changed. */
  onChange(upstream: Upstream): void;
  /** A resource that some client subscribed to was updated; the upstream's own URI. */
  onResourceUpdated(upstream: Upstream, uri: string): void;
  /** A task that some client wants news of tells of itself: the whole notification, a binary string. */
  onTask(upstream: Upstream, text: string): void;
}
