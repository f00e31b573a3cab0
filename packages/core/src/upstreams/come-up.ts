import type { Log } from '../ports.ts';
import { connect, tellWords } from './connect.ts';
import type { Habits } from './habits.ts';
import { openAgain } from './open-again.ts';
import { ASKABLE } from './open.ts';
import { Conversation } from './conversation.ts';
import type { Deadlines } from './deadlines.ts';
import { OpenError, failure } from './failure.ts';
import type { UpstreamFailure } from './failure.ts';
import type { ListKeeper } from './list-keeper.ts';
import type { Memory } from './memory.ts';
import type { Identity } from './outgoing.ts';
import { refuseQuestion } from './peer.ts';
import type { PeerEvents } from './peer.ts';
import type { UpstreamSpec } from './spec.ts';
import type { Wanted } from './watch.ts';
import type { ProcessStarter } from './stdio/process.ts';

export interface ComeUpOptions {
  readonly identity: Identity;
  readonly starter: ProcessStarter;
  readonly memory: Memory;
  readonly log: Log;
  readonly now: () => number;
  readonly deadlines: Deadlines;
  readonly keeper: ListKeeper;
  readonly habits: Habits;
  /** What clients want news of from before. */
  readonly wanted: Wanted;
  /** Ends the attempt, whatever it has reached. */
  readonly abort: AbortController;
  /** The conversation that was opened is over. */
  onLost(reason: UpstreamFailure): void;
  onReopened(): void;
  onResourceUpdated(uri: string): void;
  onTask(text: string): void;
}

const START_MS = 60_000;
/** For one call without progress, where its server does not say otherwise. */
export const CALL_MS = 120_000;
const MAX_CALL_MS = 3_600_000;
const PROBE_SILENCE_MS = 2_000;

/**
 * Brings a server up: connected, its era known, its lists read, its news listened for. Rejects with the reason, and then
 * nothing that was begun is left.
 */
export async function comeUp(spec: UpstreamSpec, options: ComeUpOptions): Promise<Conversation> {
  const { identity, starter, memory, log, now, deadlines, keeper, wanted, abort } = options;
  const startMs = spec.timeouts?.startMs ?? START_MS;
  const callMs = spec.timeouts?.callMs ?? CALL_MS;
  const times = { callMs, maxCallMs: Math.max(MAX_CALL_MS, callMs) };
  const late = new OpenError('ERR_UPSTREAM_TIMEOUT', `the server did not answer within ${startMs} ms`);
  let timer: NodeJS.Timeout | undefined;
  let conversation: Conversation | undefined;
  let lost: UpstreamFailure | undefined;
  let up = false;
  const events: PeerEvents = {
    onNotification: (method, text) => conversation?.heard(method, text),
    onRequest: (request) => refuseQuestion(request),
    onLost: (reason) => {
      lost = reason;
      if (up) options.onLost(reason);
    },
    onReopened: () => options.onReopened(),
  };
  try {
    const hint = memory.eraHint(spec);
    const { signal } = abort;
    const common = { identity, starter, deadlines, times, log, silenceMs: PROBE_SILENCE_MS, signal };
    const connection = await connect(spec, {
      ...common,
      events,
      hint,
      capabilities: ASKABLE,
      // A starter that installs a package first does not use up the time of the server. A second attempt has no time of its own.
      onLaunched: () => (timer ??= setTimeout(() => abort.abort(late), startMs)),
    });
    conversation = new Conversation(connection, {
      habits: options.habits,
      openAgain: (affinity, onLost) => openAgain(spec, { ...common, startMs }, affinity, onLost),
      identity,
      deadlines,
      times,
      server: spec.name,
      log,
      now,
      keeper,
      wanted,
      onResourceUpdated: (uri) => options.onResourceUpdated(uri),
      onTask: (text) => options.onTask(text),
      onEraChanged: () => {
        memory.forget(spec);
        options.onLost(failure('ERR_UPSTREAM_SESSION', 'the server has changed its protocol version', true));
      },
    });
    await keeper.loadAll(connection.peer);
    await conversation.open();
    signal.throwIfAborted();
    // It may have gone while its lists were read: what is up must be there.
    if (lost) throw new OpenError(lost.code, lost.detail);
    up = true;
    return conversation;
  } catch (error) {
    await conversation?.close();
    if (conversation) tellWords(error, conversation.connection);
    throw abort.signal.aborted ? withWordsOf(error, abort.signal.reason) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** The reason for giving up, with what the process had said until then. */
function withWordsOf(error: unknown, reason: unknown): unknown {
  if (!(reason instanceof OpenError) || !(error instanceof OpenError)) return reason;
  const { stderrTail } = error as { stderrTail?: string };
  return Object.assign(reason, { stderrTail, remedy: reason.remedy ?? error.remedy });
}
