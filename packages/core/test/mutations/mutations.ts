import { eraMutations } from './era-mutations.ts';

/** A rule of the gateway taken out of its source, and the probe that must notice. */
export interface Mutation {
  /** End of the path of the source file. */
  readonly file: string;
  /** Stands in that file. */
  readonly from: string;
  readonly to: string;
  readonly probe: string;
}

const CHECK = 'protocol/src/json/check.ts';
const TEXT = 'protocol/src/json/text.ts';
const MESSAGE = 'protocol/src/message.ts';
const CLASSIFY = 'protocol/src/classify.ts';
const STANDARD = 'protocol/src/headers/standard.ts';
const PARAMS = 'protocol/src/headers/params.ts';
const HTTP = 'core/src/edge/http-edge.ts';
const AGREEMENT = 'core/src/header-agreement.ts';
const FRONT = 'core/src/edge/front.ts';
const ORIGIN = 'core/src/edge/origin.ts';
const LEGACY = 'core/src/edge/legacy-edge.ts';
const PIPELINE = 'core/src/pipeline.ts';
const STORE = 'core/src/client/session-store.ts';

const BINDING = 'core/src/parked/binding.ts';
const SEAL = 'core/src/parked/seal.ts';
const PARKED = 'core/src/parked/store.ts';
const PARKABLE = 'core/src/parked/parkable-call.ts';
const TAKE_UP = 'core/src/parked/take-up.ts';
const RELAY = 'core/src/parked/relay.ts';
const PASS = 'core/src/questions/pass.ts';

const row = (probe: string, file: string, from: string, to: string): Mutation => ({ probe, file, from, to });

export const mutations: readonly Mutation[] = [
  ...eraMutations,
  row(
    'mark',
    TEXT,
    "return fault('encoding', 'The body begins with a byte order mark; send plain UTF-8.');",
    'return decoder.decode(bytes.subarray(3));',
  ),
  row('utf8', TEXT, 'fatal: true', 'fatal: false'),
  row('depth', CHECK, 'keys.length >= limits.maxDepth', 'keys.length >= 1e9'),
  row('duplicates', CHECK, 'if (keys.list.includes(key)) return false;', ''),
  row('surrogates', CHECK, 'if (hasLoneSurrogate(text.slice(i, end)))', 'if (false)'),
  row('lookAlikes', MESSAGE, 'if (ambiguous !== undefined)', 'if (false)'),
  row('version', MESSAGE, "if (body['jsonrpc'] !== '2.0')", 'if (false)'),
  row('fractions', MESSAGE, String.raw`/^-?\d{1,64}$/`, '/./'),
  row('bothKinds', MESSAGE, "if ('result' in body || 'error' in body)", 'if (false)'),
  row('params', MESSAGE, 'if (params !== undefined && !isObject(params))', 'if (false)'),
  row('emptyBatch', MESSAGE, "if (parts.length === 0) return fault('not-a-message', 'The batch is empty.');", ''),
  row('claimedBatch', CLASSIFY, 'return claims || headerIsModern', 'return false'),
  row('envelope', CLASSIFY, 'if (!isObject(meta[META.capabilities])) return', 'if (false) return'),
  row(
    'noEnvelope',
    CLASSIFY,
    "if (!headerIsModern) return { kind: 'legacy' };",
    "return { kind: 'modern', revision: headerRevision! };",
  ),
  row(
    'postedResponse',
    CLASSIFY,
    "return headerIsModern\n        ? fault(\n            'unexpected-response'",
    "return false\n        ? fault(\n            'unexpected-response'",
  ),
  row(
    'initializeHeader',
    CLASSIFY,
    "return headerIsModern\n      ? fault('header-mismatch'",
    "return false\n      ? fault('header-mismatch'",
  ),
  row('versionHeader', CLASSIFY, 'if (headerRevision !== undefined && headerRevision !== revision)', 'if (false)'),
  row(
    'methodHeader',
    STANDARD,
    "if (method === undefined) return 'Mcp-Method is missing.';",
    'if (method === undefined) return undefined;',
  ),
  row(
    'nameHeader',
    STANDARD,
    "return decoded === value ? undefined : 'Mcp-Name does not agree with the body.';",
    'return undefined;',
  ),
  row('served2099', CLASSIFY, 'if (!MODERN_REVISIONS.includes(revision))', 'if (false)'),
  row('paramHeader', PARAMS, ': decoded === String(JSON.parse(raw));', ': true;'),
  row(
    'paramMissing',
    PARAMS,
    'if (given === undefined) return `Mcp-Param-${name} is missing.`;',
    'if (given === undefined) continue;',
  ),
  row('paramHeader', AGREEMENT, 'wrong === undefined ? undefined', 'true ? undefined'),
  row(
    'unknownMethod',
    FRONT,
    "if (!method || method.name === 'initialize') return fault(",
    "if (!method) return { ...fault('unknown-method', ''), status: 200 }; if (false) return fault(",
  ),
  row('absentCapability', FRONT, 'if (method.capability !== undefined &&', 'if (false &&'),
  row(
    'contentType',
    HTTP,
    "if (type === undefined || !(type === 'application/json' || JSON_TYPE.test(type)))",
    'if (false)',
  ),
  row('contentCoding', HTTP, "if (coding !== undefined && coding !== 'identity')", 'if (false)'),
  row('tooLarge', HTTP, 'options.maxBodyBytes ?? 4_194_304', 'options.maxBodyBytes ?? 1e9'),
  row('host', ORIGIN, '(hosts ? hosts.has(host) : LOOPBACK_HOST.test(host))', '(true)'),
  row('origin', ORIGIN, 'return own && !downgraded ? undefined', 'return true ? undefined'),
  row('nullOrigin', ORIGIN, 'return own && !downgraded ? undefined', "return own || origin === 'null' ? undefined"),
  row('crossSite', ORIGIN, "=== 'cross-site'", "=== 'never'"),
  row(
    'endpoint',
    HTTP,
    'const endpoint = this.#endpoints.find(http.path);',
    "const endpoint = this.#endpoints.find(http.path) ?? this.#endpoints.find('/mcp');",
  ),
  row('admit', HTTP, 'return refused ? refuse(http, refused)', 'return false ? refuse(http, refused!)'),
  row(
    'authenticate',
    HTTP,
    'if (isRefusal(who)) return refuse(http, who);',
    "if (isRefusal(who)) return serve({ id: 'anybody' }, endpoint!);",
  ),
  row('decide', PIPELINE, 'let denied = decided(x, target, ports);', 'let denied = undefined;'),
  row(
    'take',
    PIPELINE,
    'if (isRefusal(permit)) return refuse(x, permit, finish);',
    'if (isRefusal(permit)) permit = undefined;',
  ),
  row('record', PIPELINE, 'if (unrecorded) return refuse', 'if (false) return refuse'),
  row('filter', PIPELINE, 'if (isRefusal(cleaned)) return refuse(x, cleaned, finish);', ''),
  row('sessionOwner', STORE, 'session.principalId === principal.id', 'true'),
  row('sessionEndpoint', LEGACY, 'session.endpoint !== endpoint', 'false'),
  row('sessionVersion', LEGACY, '!LEGACY_REVISIONS.includes(revision)', 'false'),
  row('legacyBatch', LEGACY, '!session.revision.batches', 'false'),
  row('parkedPrincipal', BINDING, 'principal.id,', 'null,'),
  row('relayPrincipal', BINDING, 'principal.id,', 'null,'),
  row('parkedEndpoint', BINDING, 'endpoint.server ?? null,', 'null,'),
  row('parkedMethod', BINDING, 'message.method,', 'null,'),
  row('parkedArguments', BINDING, "hash.digest('base64url'),", 'null,'),
  row('parkedTampered', SEAL, "decipher.final('utf8');", "'';"),
  row('parkedSpelling', SEAL, "if (bytes.toString('base64url') !== sealed) return undefined;", ''),
  row('parkedRound', PARKABLE, 'round !== this.#round', 'false'),
  row('parkedRace', PARKABLE, 'if (this.#seated || this.#over ||', 'if (this.#over ||'),
  row('parkedExpiry', PARKED, 'const dueMs = this.#now() + this.ttlMs;', 'const dueMs = this.#now() + 1e12;'),
  row('relayExpiry', TAKE_UP, 'if (state.expiresMs <= parked.wallNow())', 'if (false)'),
  row('relayUndeclared', RELAY, '|| lacking(question, x.caller.capabilities)', ''),
  row('relayAnswer', RELAY, 'if (isRefusal(clean)) {', 'if (false) {'),
  row('parkedBoundOfOne', PARKED, 'mine >= this.#maxPerPrincipal', 'false'),
  row('parkedBound', PARKED, 'this.#entries.size >= this.#maxCalls ||', ''),
  row('parkedUndeclared', PARKABLE, 'if (missing) {', 'if (false) {'),
  row('parkedAnswer', PARKABLE, 'if (isRefusal(passed)) {', 'if (isRefusal(passed)) { clean.set(key, text); continue;'),
  row('parkedMalformed', PARKABLE, 'if (problem !== undefined) return', 'if (false) return'),
  row('askedDenied', PASS, 'if (denied) return', 'if (false) return'),
  row(
    'askedLimited',
    PASS,
    'if (isRefusal(permit)) return await passed.refuse(permit);',
    'if (isRefusal(permit)) return Object.assign(passed, { params: question.params });',
  ),
  row(
    'askedDirty',
    PASS,
    'if (isRefusal(cleaned)) return await passed.refuse(cleaned);',
    'if (isRefusal(cleaned)) return Object.assign(passed, { params: question.params });',
  ),
];
