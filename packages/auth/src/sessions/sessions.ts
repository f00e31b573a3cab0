import { randomBytes } from 'node:crypto';
import type { AuthEvent } from '../event.ts';
import { makePrincipal, type Principal, type PrincipalFields } from '../principal.ts';
import type { AuthRequest } from '../request.ts';
import { checkSecret } from '../secret.ts';
import { readCookie, setCookie } from './cookie.ts';
import { csrfToken, passesCsrf, type CsrfRequest } from './csrf.ts';
import type { SessionRecord, SessionStore } from './session-store.ts';
import { createSessionTokens, type SessionKeyRing } from './session-token.ts';

export interface SessionsOptions {
  /** Origin of the pages, such as `https://gw.example`. */
  readonly origin: string;
  readonly signingKeys: SessionKeyRing;
  /** At least 32 random bytes. */
  readonly csrfSecret: Uint8Array;
  readonly store: SessionStore;
  /** Lifetime of one token in milliseconds, 60000 to 3600000. Default 900000 (15 minutes). */
  readonly tokenMs?: number;
  /** Lifetime of a session in milliseconds, up to 604800000 (7 days). Default 43200000 (12 hours). */
  readonly sessionMs?: number;
  readonly now?: () => number;
  readonly random?: (size: number) => Uint8Array;
}

/** A browser session that was just started, refreshed or read. */
export interface Session {
  readonly sessionId: string;
  readonly principal: Principal;
  readonly csrfToken: string;
  readonly endsAtMs: number;
}

/** A session together with the `Set-Cookie` value that the answer must carry. */
export interface IssuedSession {
  readonly session: Session;
  readonly cookie: string;
  readonly event: AuthEvent;
}

export type SessionReading =
  | { readonly ok: true; readonly session: Session }
  | {
      readonly ok: false;
      readonly reason: 'missing' | 'invalid' | 'ended' | 'reused' | 'csrf';
      readonly event?: AuthEvent;
    };

export interface Sessions {
  /**
   * Starts a session for somebody who has just signed in. The id is always new: one that came with the request is never taken
   * up, and the session it named is ended.
   */
  start(principal: PrincipalFields, request?: Pick<AuthRequest, 'headers'>): Promise<IssuedSession>;
  /** Finds the session of a request; for methods other than GET and HEAD the CSRF checks must pass as well. */
  read(request: CsrfRequest): Promise<SessionReading>;
  /** Exchanges the token for a new one of the same session. Presenting the old one later ends the session. */
  refresh(request: CsrfRequest): Promise<SessionReading | ({ readonly ok: true } & IssuedSession)>;
  /** Ends a session and gives the `Set-Cookie` value that removes the cookie. */
  revoke(sessionId: string): Promise<{ readonly cookie: string; readonly event: AuthEvent }>;
  /** Ends all sessions of a principal. */
  revokeAllOf(principalKey: string): Promise<AuthEvent>;
  /** Whether the person in the browser is the one that somebody else expects; the event to record when not. */
  belongsTo(
    session: Session,
    principalKey: string,
  ): { readonly ok: true } | { readonly ok: false; readonly event: AuthEvent };
}

/** `__Host-`: a sibling host or plain http can neither set nor read it. */
const COOKIE = '__Host-sekisho_session';

/** Two tabs may send the old token while one of them refreshes; after this time it is a copy. */
const ROTATION_GRACE_MS = 10_000;

/** @throws TypeError when an option cannot be right. */
export function createSessions(options: SessionsOptions): Sessions {
  const { origin, store, tokenMs = 900_000, sessionMs = 43_200_000, now = Date.now, random = randomBytes } = options;
  const url = URL.parse(origin);
  if (url === null || url.origin !== origin || url.protocol !== 'https:')
    throw new TypeError('"origin" option must be an https origin');
  if (!(tokenMs >= 60_000 && tokenMs <= 3_600_000))
    throw new TypeError('"tokenMs" option must be between 60000 and 3600000');
  if (!(sessionMs >= tokenMs && sessionMs <= 604_800_000))
    throw new TypeError('"sessionMs" option must be between "tokenMs" and 604800000');
  const secret = checkSecret('csrfSecret', options.csrfSecret);
  const tokens = createSessionTokens(options.signingKeys, origin);
  const newId = (): string => Buffer.from(random(16)).toString('base64url');

  const toSession = (record: SessionRecord): Session => ({
    sessionId: record.sessionId,
    principal: makePrincipal(record.principal),
    csrfToken: csrfToken(secret, record.sessionId),
    endsAtMs: record.endsAtMs,
  });

  const issue = async (
    record: SessionRecord,
    type: 'session.created' | 'session.refreshed',
  ): Promise<IssuedSession> => {
    const lifetimeMs = Math.min(tokenMs, record.endsAtMs - now());
    const token = await tokens.sign({ sessionId: record.sessionId, tokenId: record.tokenId }, now(), lifetimeMs);
    const event: AuthEvent = { type, outcome: 'changed', principal: record.principalKey, sessionId: record.sessionId };
    return { session: toSession(record), cookie: setCookie(COOKIE, token, lifetimeMs / 1000), event };
  };

  const revokedEvent = (known: Partial<AuthEvent>): AuthEvent => ({
    type: 'session.revoked',
    outcome: 'changed',
    ...known,
  });

  /** The record behind a request's cookie, if its token is the one in force or was until a moment ago. */
  const find = async (
    request: CsrfRequest,
  ): Promise<
    | Exclude<SessionReading, { ok: true }>
    | { readonly ok: true; readonly record: SessionRecord; readonly justReplaced: boolean }
  > => {
    const cookie = readCookie(request, COOKIE);
    if (cookie === undefined) return { ok: false, reason: 'missing' };
    const claims = await tokens.read(cookie, now());
    if (claims === undefined) return { ok: false, reason: 'invalid' };
    const record = await store.find(claims.sessionId);
    if (record === undefined || record.endsAtMs <= now()) return { ok: false, reason: 'ended' };
    const justReplaced = claims.tokenId === record.previousTokenId && now() - record.rotatedAtMs <= ROTATION_GRACE_MS;
    if (claims.tokenId !== record.tokenId && !justReplaced) {
      // Somebody holds a token that was replaced: a thief or the victim. Nobody can tell which, so both are out.
      await store.remove(record.sessionId);
      const event = revokedEvent({ principal: record.principalKey, sessionId: record.sessionId });
      return { ok: false, reason: 'reused', event };
    }
    return passesCsrf(request, origin, secret, record.sessionId)
      ? { ok: true, record, justReplaced }
      : { ok: false, reason: 'csrf' };
  };

  return {
    async start(principal, request) {
      const cookie = request && readCookie(request, COOKIE);
      const before = cookie === undefined ? undefined : await tokens.read(cookie, now());
      if (before !== undefined) await store.remove(before.sessionId);
      const record: SessionRecord = {
        sessionId: newId(),
        principalKey: makePrincipal(principal).key,
        principal,
        createdAtMs: now(),
        endsAtMs: now() + sessionMs,
        tokenId: newId(),
        previousTokenId: undefined,
        rotatedAtMs: now(),
      };
      await store.add(record);
      return issue(record, 'session.created');
    },
    async read(request) {
      const found = await find(request);
      return found.ok ? { ok: true, session: toSession(found.record) } : found;
    },
    async refresh(request) {
      const found = await find(request);
      if (!found.ok) return found;
      const { record, justReplaced } = found;
      // Another tab was quicker and has the successor; a second one would make the first look stolen.
      if (justReplaced) return { ok: true, session: toSession(record) };
      const next = { ...record, tokenId: newId(), previousTokenId: record.tokenId, rotatedAtMs: now() };
      // Whoever loses the race keeps the grace period of the token that it holds.
      if (!(await store.replace(next, record.tokenId))) return { ok: true, session: toSession(record) };
      return { ok: true, ...(await issue(next, 'session.refreshed')) };
    },
    async revoke(sessionId) {
      const record = await store.find(sessionId);
      await store.remove(sessionId);
      const known = record === undefined ? { sessionId } : { sessionId, principal: record.principalKey };
      return { cookie: setCookie(COOKIE, '', 0), event: revokedEvent(known) };
    },
    async revokeAllOf(principalKey) {
      await store.removeAllOf(principalKey);
      return revokedEvent({ principal: principalKey });
    },
    belongsTo(session, principalKey) {
      if (session.principal.key === principalKey) return { ok: true };
      const { sessionId } = session;
      return {
        ok: false,
        event: { type: 'session.principal_mismatch', outcome: 'refused', principal: session.principal.key, sessionId },
      };
    },
  };
}
