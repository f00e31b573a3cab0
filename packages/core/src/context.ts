import type { Bag } from './bag.ts';
import type { Subscribers } from './client/subscribers.ts';
import type { OpenStreams } from './client/open-streams.ts';
import type { SessionStore } from './client/session-store.ts';
import type { ParkedCalls } from './parked/store.ts';
import type { TaskQuestions } from './tasks/task-questions.ts';
import type { Log, Ports } from './ports.ts';
import type { UnderWay } from './under-way.ts';
import type { Identity } from './upstreams/outgoing.ts';

/** What the parts of one gateway share. */
export interface GatewayContext {
  readonly identity: Identity;
  /** The identity as raw ASCII JSON. */
  readonly serverInfo: string;
  readonly ports: Ports;
  readonly log: Log;
  readonly now: () => number;
  readonly subscribers: Subscribers;
  readonly sessions: SessionStore;
  /** Calls that wait for an answer of their client. */
  readonly parked: ParkedCalls;
  /** Calls that servers have not answered yet. */
  readonly underWay: Bag<UnderWay>;
  /** Questions of tasks that have passed the ports. */
  readonly taskQuestions: TaskQuestions;
  /** Responses of events that are open. */
  readonly streams: OpenStreams;
  /** Longest time a list waits for servers that are coming up for the first time, milliseconds. */
  readonly listWaitMs: number;
  /** True where lists depend on who asks. */
  readonly perPrincipal: boolean;
  /** Ends when the gateway closes: streams are told so. */
  readonly closing: AbortSignal;
}
