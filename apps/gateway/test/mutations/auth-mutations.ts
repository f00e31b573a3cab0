import type { Mutation } from './felt.ts';

const HTTP = 'core/src/edge/http-edge.ts';
const STORE = 'core/src/client/session-store.ts';
const COMPOSE = 'gateway/src/compose.ts';
const MOUNT = 'gateway/src/mount/auth.ts';
const GATES = 'gateway/src/mount/auth-gates.ts';
const OUTSIDE = 'gateway/src/mount/auth-http.ts';
const VALUES = 'gateway/src/mount/auth-values.ts';
const KEYS = 'gateway/src/mount/key-restrictions.ts';
const LISTENING = 'gateway/src/mount/listening.ts';
const STATUS = 'gateway/src/status-handler.ts';

const row = (probe: string, file: string, from: string, to: string): Mutation => ({ probe, file, from, to });

export const mutations: readonly Mutation[] = [
  row('post', COMPOSE, 'limits.watchSignIns(auth.ports.authenticate)', "limits.watchSignIns(() => ({ id: 'local' }))"),
  row('post', HTTP, 'if (isRefusal(who)) return refuse(http, who);', "if (isRefusal(who)) who = { id: 'local' };"),
  row(
    'post',
    HTTP,
    'return this.#identified(http, endpoint, (principal, known) => this.#post(http, known, principal, body));',
    "return this.#post(http, endpoint!, { id: 'local' }, body);",
  ),
  row('stream', HTTP, 'if (isRefusal(who)) return refuse(http, who);', "if (isRefusal(who)) who = { id: 'local' };"),
  row('nowhere', HTTP, 'if (!endpoint && !this.#endpoints.isBelow(http.path))', 'if (!endpoint)'),
  row('audience', GATES, 'named(path.slice(ENDPOINT.length + 1)) ?? merged', 'merged'),
  row('document', COMPOSE, 'else if (!auth.aside(request, response)) gateway', 'else gateway'),
  row('document', OUTSIDE, 'gates.described(path)?.metadata({ method, url }) ??', ''),
  row('status', STATUS, 'if (!(await admit(request, response))) return undefined;', ''),
  row('statusRole', OUTSIDE, "judged.ok && judged.principal.roles.includes('admin')", 'judged.ok'),
  row('restricted', COMPOSE, 'auth.restrictKeys(policy.ports)', 'policy.ports'),
  row('restricted', KEYS, 'reaches(principal, target) ? decide', 'true ? decide'),
  row('restrictedLists', KEYS, 'one && reaches(principal, targets[i]!)', 'one'),
  row('restricted', VALUES, 'restrictions: narrows ? restrictions : undefined', 'restrictions: undefined'),
  row('revoked', COMPOSE, 'auth.follow(gateway);', ''),
  row('revoked', MOUNT, 'record.revokedAtMs !== undefined', 'false'),
  row('keySession', STORE, ' && session.principal.keyId === principal.keyId', ''),
  row('challenge', VALUES, 'headers: grouped(headers),', ''),
  row('challenge', COMPOSE, '...auth.ports,', ''),
  row('listening', LISTENING, 'if (auth === undefined)', 'if (false)'),
  row('listening', LISTENING, 'if (listen?.tls === undefined && listen?.trustedProxies === undefined)', 'if (false)'),
  row('noKey', MOUNT, 'await room.ensureLocal()', 'undefined'),
];
