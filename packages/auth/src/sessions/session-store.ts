import type { PrincipalFields } from '../principal.ts';

/** The server's side of one browser session. */
export interface SessionRecord {
  /** 128 random bits; made here, never taken from a request. */
  readonly sessionId: string;
  readonly principalKey: string;
  readonly principal: PrincipalFields;
  readonly createdAtMs: number;
  /** When the session ends, however busy it is. */
  readonly endsAtMs: number;
  /** Id of the token that is valid now, and of the one before it with the time when it was replaced. */
  readonly tokenId: string;
  readonly previousTokenId: string | undefined;
  readonly rotatedAtMs: number;
}

/** Where browser sessions live. Shared by all replicas; a session that is not in it is over. */
export interface SessionStore {
  find(sessionId: string): SessionRecord | undefined | Promise<SessionRecord | undefined>;
  add(record: SessionRecord): void | Promise<void>;
  /** Replaces a record if its `tokenId` still is `expectedTokenId`, in one step; tells whether it was. */
  replace(record: SessionRecord, expectedTokenId: string): boolean | Promise<boolean>;
  remove(sessionId: string): void | Promise<void>;
  removeAllOf(principalKey: string): void | Promise<void>;
}

/** A session store in memory, for a single process. Ended sessions are dropped when new ones come. */
export function memorySessionStore(options: { readonly now?: () => number } = {}): SessionStore {
  const { now = Date.now } = options;
  const sessions = new Map<string, SessionRecord>();
  return {
    find: (sessionId) => sessions.get(sessionId),
    add(record) {
      for (const [id, { endsAtMs }] of sessions) if (endsAtMs <= now()) sessions.delete(id);
      sessions.set(record.sessionId, record);
    },
    replace(record, expectedTokenId) {
      if (sessions.get(record.sessionId)?.tokenId !== expectedTokenId) return false;
      sessions.set(record.sessionId, record);
      return true;
    },
    remove: (sessionId) => void sessions.delete(sessionId),
    removeAllOf(principalKey) {
      for (const [id, record] of sessions) if (record.principalKey === principalKey) sessions.delete(id);
    },
  };
}
