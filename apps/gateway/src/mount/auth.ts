import type { IncomingMessage, ServerResponse } from 'node:http';
import { allowLoopbackHttp, type Authentication, type AuthEvent } from '@sekisho/auth';

import type { Credentials, Gateway, GatewayOptions, HttpEdgeOptions, Principal, Refusal } from '@sekisho/core';
import type { Log } from '../cli/log.ts';
import { createGates, lastingParts, type Gates, type GateSettings } from './auth-gates.ts';
import { admitOperator, answerAside } from './auth-http.ts';
import type { AuthSection } from './auth-section.ts';
import { createPrincipals, STDIO_OWNER, toRefusal } from './auth-values.ts';
import { openKeyRoom } from './key-room.ts';
import { restrictKeys } from './key-restrictions.ts';

/** What a configuration says about how callers prove who they are. */
export type AuthSettings = {
  readonly section: AuthSection | undefined;
  readonly listen: { readonly port?: number | undefined; readonly allowedOrigins?: readonly string[] | undefined };
  /** Names of the configured servers. */
  readonly servers: readonly string[];
};

export type AuthMountOptions = {
  readonly stateFolder: string;
  readonly now: () => number;
  readonly log: Log;
  /** False where only standard input and output are served: then no key is needed, and none is made. */
  readonly overHttp: boolean;
  /** Told of exactly one event for each request that asks to be let in. Holds no credential. */
  readonly onEvent?: ((event: AuthEvent, credentials: Credentials) => void) | undefined;
  /** For tests with an issuer on this computer. */
  readonly [allowLoopbackHttp]?: boolean;
};

export type AuthStatus = {
  readonly issuers: readonly object[];
  readonly apiKeys: boolean;
};

export type MountedAuth = {
  readonly ports: Required<Pick<GatewayOptions, 'authenticate' | 'challenge'>>;
  readonly http: Pick<HttpEdgeOptions, 'allowedHosts' | 'extraHeaders'>;
  readonly restrictKeys: typeof restrictKeys;
  /** Answers what concerns authentication alone. */
  readonly aside: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Whether a request about the gateway itself may pass; answered where it may not. */
  readonly admitOperator: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** The owner's key, where this start made it: it is never seen again. */
  readonly newLocalKey: string | undefined;
  /** From now on ends what revoked and expired credentials hold open. */
  readonly follow: (gateway: Gateway) => void;
  /** Puts other settings in force: later requests are judged by them, and what was let in by an issuer that is gone ends. */
  readonly reload: (next: AuthSettings) => void;
  readonly status: () => AuthStatus;
  readonly close: () => void;
};

/** A revocation must be felt within a second: keys are looked at again after half of one, open streams a quarter later. */
const SWEEP_MS = 250;

/**
 * Mounts authentication. Without a section every request over HTTP needs an API key, and the first start makes one for the
 * owner of this computer: other programs and other users can reach its loopback address too.
 *
 * @throws KeyRoomError where keys cannot be kept
 * @throws TypeError for a section that cannot be right
 */
export async function mountAuth(settings: AuthSettings, options: AuthMountOptions): Promise<MountedAuth> {
  if (!options.overHttp) return stdioAlone();
  const { now, log, onEvent } = options;
  const room = await openKeyRoom(options.stateFolder, { now });
  const parts = {
    ...lastingParts(room.administration, { now, log }, settings.section?.failures),
    ...(options[allowLoopbackHttp] ? { [allowLoopbackHttp]: true as const } : {}),
  };
  const newLocalKey = await room.ensureLocal();
  const principals = createPrincipals();
  let inForce = settings;
  let gates: Gates = createGates(gateSettings(settings), parts);
  let gateway: Gateway | undefined;

  const settle = (judged: Authentication, credentials: Credentials): Principal | Refusal => {
    onEvent?.(judged.event, credentials);
    if (!judged.ok) return toRefusal(judged.refusal, judged.event);
    if (judged.event.type !== 'auth.ok') credentials.note?.({ 'auth.event': judged.event.type });
    return principals.of(judged.principal);
  };
  const authenticate = (credentials: Credentials): Principal | Refusal | Promise<Principal | Refusal> => {
    if (credentials.transport === 'stdio') return STDIO_OWNER;
    const judged = gates.at(credentials.path).authenticate(credentials);
    return judged instanceof Promise ? judged.then((late) => settle(late, credentials)) : settle(judged, credentials);
  };
  const sweep = (): void => {
    const nowMs = now();
    gateway?.endStreams(({ expiresAtSeconds = Number.POSITIVE_INFINITY }) => expiresAtSeconds * 1000 <= nowMs);
    const asked = new Map<string, boolean>();
    gateway?.revoke(({ keyId }) => {
      if (keyId === undefined) return false;
      let over = asked.get(keyId);
      if (over === undefined) asked.set(keyId, (over = isOver(keyId, nowMs)));
      return over;
    });
  };
  const isOver = (keyId: string, nowMs: number): boolean => {
    try {
      const record = room.administration.store.find(keyId);
      // The store is a file and answers at once.
      if (record instanceof Promise) return false;
      return record === undefined || record.revokedAtMs !== undefined || record.expiresAtMs <= nowMs;
    } catch (error) {
      // Whoever asks anew is refused meanwhile; what is open goes on until the store can be read again.
      log.error({ error: String(error) }, 'the keys cannot be read');
      return false;
    }
  };
  const timer = setInterval(sweep, SWEEP_MS).unref();

  return {
    ports: {
      authenticate,
      challenge: (principal, scopes, credentials) => {
        const proved = principals.back(principal);
        const turned = proved && gates.at(credentials.path).requireScopes(proved, scopes);
        // Nothing is missing after all, or nobody who could get more: a no without a way out.
        return turned ? toRefusal(turned.refusal, turned.event) : { refused: 'denied', event: 'authz.denied' };
      },
    },
    http: {
      ...servedHosts(settings),
      extraHeaders: (header) => Object.entries(gates.merged.cors.headers({ headers: header })).flat(),
    },
    restrictKeys,
    aside: (request, response) => answerAside(gates, request, response),
    admitOperator: (request, response) => admitOperator(gates, request, response),
    newLocalKey,
    follow: (followed) => {
      gateway = followed;
    },
    reload: (next) => {
      gates = createGates(gateSettings(next), parts);
      inForce = next;
      const issuers = new Set((next.section?.authorizationServers ?? []).map(({ issuer }) => issuer));
      const keys = next.section === undefined || next.section.apiKeys !== undefined;
      gateway?.revoke(
        (principal) =>
          principal !== STDIO_OWNER && (principal.kind === 'apikey' ? !keys : !issuers.has(principal.issuer ?? '')),
      );
    },
    status: () => ({
      issuers: gates.merged.status(),
      apiKeys: inForce.section === undefined || inForce.section.apiKeys !== undefined,
    }),
    close: () => clearInterval(timer),
  };
}

/** One caller, who started the program: there is nothing to prove, and nothing that HTTP may come to. */
function stdioAlone(): MountedAuth {
  const nobody: Refusal = { refused: 'unauthenticated' };
  return {
    ports: {
      authenticate: ({ transport }) => (transport === 'stdio' ? STDIO_OWNER : nobody),
      challenge: () => ({ refused: 'denied', event: 'authz.denied' }),
    },
    http: {},
    restrictKeys,
    aside: () => false,
    admitOperator: () => Promise.resolve(false),
    newLocalKey: undefined,
    follow: () => undefined,
    reload: () => undefined,
    status: () => ({ issuers: [], apiKeys: false }),
    close: () => undefined,
  };
}

function gateSettings({ section, listen, servers }: AuthSettings): GateSettings {
  const port = listen.port === undefined || listen.port === 0 ? 7300 : listen.port;
  const local = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);
  const own = section?.resource === undefined ? local : [new URL(section.resource).origin];
  return {
    section,
    resource: `${local[0]}/mcp`,
    origins: [...new Set([...own, ...(listen.allowedOrigins ?? [])])],
    servers: servers.map(encodeURIComponent),
  };
}

/** A gateway with a public name is asked for by that; one without by the names of this computer, which is the gateway's own default. */
function servedHosts({ section }: AuthSettings): Pick<HttpEdgeOptions, 'allowedHosts'> {
  if (section?.resource === undefined) return {};
  const { host, hostname } = new URL(section.resource);
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) ? {} : { allowedHosts: [host] };
}
