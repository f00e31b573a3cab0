import { randomBytes } from 'node:crypto';
import { Session } from './session.ts';
import type { SessionOptions } from './session.ts';
import type { Principal } from '../ports.ts';

export interface SessionStoreOptions {
  /** A session nobody uses ends after this, milliseconds. Default 1,800,000 (30 minutes). */
  readonly idleMs?: number;
  /** Sessions in all; the one unused longest makes room. Default 10,000. */
  readonly maxSessions?: number;
  /** Sessions of one principal. Default 2,000. */
  readonly maxPerPrincipal?: number;
  readonly now: () => number;
  onOpen?(session: Session): void;
  onEnd(session: Session): void;
}

/** The sessions of legacy clients. Ids bear 192 random bits; a session of another principal is as good as none. */
export class SessionStore {
  readonly #sessions = new Map<string, Session>();
  readonly #perPrincipal = new Map<string, number>();
  readonly #options: Required<Omit<SessionStoreOptions, 'onOpen'>> & Pick<SessionStoreOptions, 'onOpen'>;
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: SessionStoreOptions) {
    this.#options = { idleMs: 1_800_000, maxSessions: 10_000, maxPerPrincipal: 2_000, ...options };
  }

  get size(): number {
    return this.#sessions.size;
  }

  create(options: Omit<SessionOptions, 'id'>): Session {
    const { now, maxSessions, maxPerPrincipal, idleMs } = this.#options;
    const principalId = options.principal.id;
    const mine = this.#perPrincipal.get(principalId) ?? 0;
    if (mine >= maxPerPrincipal) this.#evict((session) => session.principalId === principalId);
    else if (this.#sessions.size >= maxSessions) this.#evict(() => true);
    const session = new Session({ ...options, id: randomBytes(24).toString('base64url') }, now());
    this.#sessions.set(session.id, session);
    this.#perPrincipal.set(principalId, (this.#perPrincipal.get(principalId) ?? 0) + 1);
    this.#sweep ??= setInterval(() => this.#expire(), Math.max(1_000, idleMs / 10)).unref();
    this.#options.onOpen?.(session);
    return session;
  }

  /** Whether the id is somebody else's session: answered like none, and worth a record. */
  isForeign(id: string, principal: Principal): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && !isOf(session, principal);
  }

  /** The session of that id, if it is this principal's. */
  find(id: string, principal: Principal): Session | undefined {
    const session = this.#sessions.get(id);
    if (!session || !isOf(session, principal)) return undefined;
    session.usedMs = this.#options.now();
    return session;
  }

  end(session: Session): void {
    if (!this.#sessions.delete(session.id)) return;
    const left = (this.#perPrincipal.get(session.principalId) ?? 1) - 1;
    if (left > 0) this.#perPrincipal.set(session.principalId, left);
    else this.#perPrincipal.delete(session.principalId);
    session.close();
    this.#options.onEnd(session);
  }

  *[Symbol.iterator](): IterableIterator<Session> {
    yield* this.#sessions.values();
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    for (const session of this.#sessions.values()) this.end(session);
  }

  /** Ends the session that was unused longest; one with calls in flight stays. */
  #evict(matches: (session: Session) => boolean): void {
    let oldest: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (matches(session) && session.calls.size === 0 && !(oldest && oldest.usedMs <= session.usedMs))
        oldest = session;
    }
    if (oldest) this.end(oldest);
  }

  #expire(): void {
    const limit = this.#options.now() - this.#options.idleMs;
    for (const session of this.#sessions.values()) {
      if (session.usedMs <= limit && session.calls.size === 0 && !session.listening) this.end(session);
    }
  }
}

/** A session is its principal's, and of the key it was opened with: another key of the same holder may reach less far. */
function isOf(session: Session, principal: Principal): boolean {
  return session.principalId === principal.id && session.principal.keyId === principal.keyId;
}
