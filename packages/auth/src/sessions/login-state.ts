import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ReplayStore } from '../dpop/replay-store.ts';
import type { AuthRequest } from '../request.ts';
import { checkSecret } from '../secret.ts';
import { readCookie, setCookie } from './cookie.ts';

export interface LoginStatesOptions {
  /** At least 32 random bytes, the same on all replicas. */
  readonly secret: Uint8Array;
  /** Makes each state good for one callback. */
  readonly used: ReplayStore;
  /** How long a sign-in may take, in milliseconds, up to 600000. Default 600000 (10 minutes). */
  readonly lifetimeMs?: number;
  readonly now?: () => number;
  readonly random?: (size: number) => Uint8Array;
}

/** The `state` of an authorization request: bound to the browser that began and to who it is for, good once and for a while. */
export interface LoginStates {
  /** Call it when the person has agreed, not before. `boundTo` is what the callback must be for, such as a principal's key. */
  begin(boundTo: string): { readonly state: string; readonly cookie: string };
  /** Whether a callback belongs to a sign-in that this browser began for `boundTo`. The cookie to clear comes with every answer. */
  finish(
    request: Pick<AuthRequest, 'headers'>,
    state: string,
    boundTo: string,
  ): Promise<{ readonly ok: boolean; readonly cookie: string }>;
}

const COOKIE = '__Host-sekisho_login';

/** @throws TypeError when an option cannot be right. */
export function createLoginStates(options: LoginStatesOptions): LoginStates {
  const { used, lifetimeMs = 600_000, now = Date.now, random = randomBytes } = options;
  if (!(lifetimeMs >= 1000 && lifetimeMs <= 600_000))
    throw new TypeError('"lifetimeMs" option must be between 1000 and 600000');
  const secret = checkSecret('secret', options.secret);
  const seal = (...parts: readonly string[]): string =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url');

  return {
    begin(boundTo) {
      const browser = Buffer.from(random(16)).toString('base64url');
      const id = Buffer.from(random(16)).toString('base64url');
      const untilMs = String(now() + lifetimeMs);
      const state = `${id}.${untilMs}.${seal(id, untilMs, browser, boundTo)}`;
      return { state, cookie: setCookie(COOKIE, browser, lifetimeMs / 1000) };
    },
    async finish(request, state, boundTo) {
      const cookie = setCookie(COOKIE, '', 0);
      const refused = { ok: false, cookie };
      const browser = readCookie(request, COOKIE);
      const [id, untilMs, mac, ...rest] = state.split('.');
      if (browser === undefined || id === undefined || untilMs === undefined || mac === undefined || rest.length > 0)
        return refused;
      const given = Buffer.from(mac);
      const expected = Buffer.from(seal(id, untilMs, browser, boundTo));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refused;
      if (!(now() < Number(untilMs))) return refused;
      const first: unknown = await used.claim(`login ${id}`, Number(untilMs));
      return { ok: first === true, cookie };
    },
  };
}
